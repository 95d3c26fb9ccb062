// Stands in for the host's own module: only what is touched while a schema is built.
export const moduleHooks = Symbol('moduleHooks');
export const row_iter_bsatn_close = () => {};
