/** What an operator's key may do: everything, or look. */
export const OPERATOR_ROLES = ['operator', 'readOnly'] as const;
export type OperatorRole = (typeof OPERATOR_ROLES)[number];

export const mayAct = ({ role }: { readonly role: OperatorRole }): boolean => role === 'operator';
