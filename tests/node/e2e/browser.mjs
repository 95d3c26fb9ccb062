// Two pages in headless Chromium, from an origin that is not the server's: each click reaches the other page,
// and a reload keeps the identity. Prints one JSON object of what was seen.
import { createServer } from "node:http";
import { readFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [uri, bundle] = process.argv.slice(2);
const html = `<!doctype html><title>board</title><body style="min-height: 90vh"><script type="module">${readFileSync(bundle, "utf8").replaceAll("</script", "<\\/script")}</script>`;
const server = createServer((_request, response) => response.setHeader("content-type", "text/html; charset=utf-8").end(html));
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const context = await chromium.launchPersistentContext(mkdtempSync(join(tmpdir(), "chromium-")), {
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
try {
  const open = async (color) => {
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    await page.goto(`http://127.0.0.1:${server.address().port}/?uri=${encodeURIComponent(uri)}&color=${encodeURIComponent(color)}`);
    await page.waitForSelector("body[data-ready=yes]");
    return page;
  };
  const identity = (page) => page.evaluate(() => document.body.dataset.identity);
  const shows = (page, text) => page.waitForFunction((wanted) => document.querySelector("pre").textContent === wanted, text);
  const ann = await open("#aa0000");
  const bob = await open("#00bb00");
  await ann.mouse.click(40, 50);
  await shows(bob, "#aa0000");
  await bob.mouse.click(60, 70);
  await shows(ann, "#00bb00 #aa0000");
  const before = await identity(ann);
  await ann.reload();
  await ann.waitForSelector("body[data-ready=yes]");
  await shows(ann, "#00bb00 #aa0000");
  // A page of another origin may talk to the database, but must not publish, delete or read the log.
  const forbidden = await ann.evaluate(async (server) => {
    const tries = [["PUT", "/v1/database/evil?host_type=Python"], ["DELETE", "/v1/database/second-board"], ["GET", "/v1/database/second-board/logs"]];
    return Promise.all(tries.map(([method, path]) => fetch(server + path, { method }).then((r) => r.status)));
  }, uri.replace("ws", "http"));
  console.log(JSON.stringify({ sameAfterReload: before === (await identity(ann)), twoUsers: before !== (await identity(bob)), forbidden }));
} finally {
  await context.close();
  server.close();
}
