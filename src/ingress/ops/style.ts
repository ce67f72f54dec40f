/** The look of the operator's pages. */
export const STYLE = `
`;
