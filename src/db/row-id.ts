/** Ids come from outside as text; what is no id of ours names no row, rather than making Postgres refuse the query. */
export const ROW_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const isUuid = (id: string): boolean => ROW_ID.test(id);
