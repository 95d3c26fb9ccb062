// The plain whiteboard in headless Chromium, served from a folder: two pages draw with a real mouse, a third joins
// late, one clears its points, the server goes away and comes back. A line "DO …" asks for something outside and waits
// for a line on stdin. Prints one JSON object of what was seen; screenshots go to the last argument.
import { createServer } from "node:http";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { chromium } from "playwright-core";

const [address, folder, shots] = process.argv.slice(2);
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8" };
const server = createServer((request, response) => {
  const name = new URL(request.url, "http://x").pathname.replace(/^\/$/, "/index.html");
  const place = join(folder, name);
  if (!existsSync(place)) return response.writeHead(404).end();
  response.setHeader("content-type", TYPES[extname(place)] ?? "text/plain").end(readFileSync(place));
});
await new Promise(resolve => server.listen(0, "127.0.0.1", resolve));
const page_url = `http://127.0.0.1:${server.address().port}/?server=${encodeURIComponent(address)}`;
const input = createInterface({ input: process.stdin });
const lines = input[Symbol.asyncIterator]();
const outside = async what => {
  console.log(`DO ${what}`);
  await lines.next();
};
const context = await chromium.launchPersistentContext(mkdtempSync(join(tmpdir(), "chromium-")), {
  executablePath: "/usr/bin/chromium",
  viewport: { width: 700, height: 620 },
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

const errors = [];
async function open() {
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on("pageerror", error => errors.push(error.message));
  await page.goto(page_url);
  await ready(page);
  return page;
}

const status = page => page.textContent("#who");
const ready = page => page.waitForFunction(() => document.querySelector("#who").textContent.startsWith("You are"));
const ink = (page, color) => page.$eval("#ink", (input, value) => (input.value = value), color);

/** The colour in the middle of a dot drawn at a point of the board, as seen by a page. */
const colorAt = ([x, y]) => {
  const canvas = document.querySelector("#board");
  const box = canvas.getBoundingClientRect();
  const [red, green, blue, alpha] = canvas
    .getContext("2d")
    .getImageData((x / box.width) * canvas.width, (y / box.height) * canvas.height, 1, 1).data;
  return alpha === 0 ? "none" : `${red},${green},${blue}`;
};
const shows = (page, at, color) =>
  page.waitForFunction(([source, at, color]) => eval(source)(at) === color, [`(${colorAt})`, at, color]);
const color = (page, at) => page.evaluate(colorAt, at);
const picture = page => page.$eval("#board", canvas => canvas.toDataURL());
const samePicture = async (one, other) => {
  const end = Date.now() + 10_000;
  while ((await picture(one)) !== (await picture(other))) if (Date.now() > end) return false;
  return true;
};

async function stroke(page, from, to) {
  await page.bringToFront();
  const box = await (await page.$("#board")).boundingBox();
  await page.mouse.move(box.x + from[0], box.y + from[1]);
  await page.mouse.down();
  await page.mouse.move(box.x + to[0], box.y + to[1], { steps: 20 });
  await page.mouse.up();
}

const RED = "255,0,0";
const BLUE = "0,0,255";
const seen = {};
try {
  const ann = await open();
  const bob = await open();
  await ink(ann, "#ff0000");
  await ink(bob, "#0000ff");
  const annIs = await status(ann);
  seen.twoUsers = annIs !== (await status(bob));

  await stroke(ann, [50, 50], [300, 200]);
  await shows(ann, [50, 50], RED);
  await stroke(bob, [300, 50], [50, 200]);
  await shows(bob, [300, 50], BLUE);
  await bob.bringToFront();
  await shows(bob, [300, 200], RED);
  await ann.bringToFront();
  await shows(ann, [50, 200], BLUE);
  // Both over the same place: the server's order decides, on both screens.
  await Promise.all([stroke(ann, [100, 250], [400, 250]), stroke(bob, [400, 250], [100, 250])]);
  seen.equalBoards = await bothSettled(ann, bob);
  await ann.screenshot({ path: join(shots, "drawn.png") });

  const carl = await open();
  seen.lateJoiner = await bothSettled(carl, ann);

  await ann.bringToFront();
  await ann.reload();
  await ready(ann);
  seen.sameAfterReload = annIs === (await status(ann));
  await ink(ann, "#ff0000");
  await shows(ann, [50, 50], RED);

  // What is drawn shows in the next frame, whenever the server answers.
  seen.shownAtOnce = await ann.evaluate(
    async ([source, at]) => {
      const canvas = document.querySelector("#board");
      const box = canvas.getBoundingClientRect();
      const where = { clientX: box.left + at[0], clientY: box.top + at[1], pointerId: 1, bubbles: true };
      canvas.setPointerCapture = () => {};
      canvas.dispatchEvent(new PointerEvent("pointerdown", where));
      await new Promise(requestAnimationFrame);
      return eval(source)(at) !== "none";
    },
    [`(${colorAt})`, [500, 100]],
  );
  await bob.bringToFront();
  await shows(bob, [500, 100], RED);

  await ann.bringToFront();
  await ann.click("#clear");
  await bob.bringToFront();
  await shows(bob, [50, 50], "none");
  seen.afterClear = { mine: (await color(bob, [500, 100])) !== "none", theirs: (await color(bob, [50, 200])) === BLUE };
  seen.onlyWhatTheServerKeeps = await bothSettled(ann, bob);

  await outside("stop");
  await bob.waitForFunction(() => document.querySelector("#who").textContent.includes("no server answers"));
  seen.whileAway = (await status(bob)).replace(address, "ADDRESS");
  if ((await color(bob, [50, 200])) !== BLUE) throw new Error("the board went blank with the server");
  await bob.screenshot({ path: join(shots, "away.png") });
  await outside("start");
  for (const page of [ann, bob]) {
    await page.bringToFront();
    await ready(page);
  }
  await stroke(bob, [200, 350], [220, 350]);
  await ann.bringToFront();
  await shows(ann, [200, 350], BLUE);
  seen.drawnAfterReturn = true;
  await ann.setViewportSize({ width: 360, height: 640 });
  await ann.screenshot({ path: join(shots, "phone.png") });
  seen.errors = errors;
  console.log(JSON.stringify(seen));
} finally {
  await context.close();
  server.close();
  input.close();
  process.stdin.destroy();
}

/** Whether two pages come to show the same picture; only the page in front paints. */
async function bothSettled(one, other) {
  for (const page of [one, other]) {
    await page.bringToFront();
    await page.evaluate(() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  }
  return samePicture(one, other);
}
