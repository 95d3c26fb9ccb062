// Loader hook: the package bundles its message types without exporting them; export them under their own names.
export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  if (!url.endsWith('/spacetimedb/dist/index.mjs')) return loaded;
  return { ...loaded, source: `${loaded.source}\nexport { ClientMessage, ServerMessage };\n` };
}
