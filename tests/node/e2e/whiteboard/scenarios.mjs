// What people do on the whiteboard; each scenario returns what was seen, as plain data for tests/e2e/test_whiteboard.py.
// Usage: node scenarios.mjs NAME '{"dist": …}'
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chooseColor, draw, hasPaint, identityOf, ink, settled, showsRows, Stage, usersOn } from "./stage.mjs";

const ZIGZAG = [[100, 100], [700, 200], [100, 300], [700, 400], [100, 500]];
const ZAGZIG = [[700, 100], [100, 200], [700, 300], [100, 400], [700, 500]];
const MIDDLE = [400, 300];

/** How often the author changes from one point to the next. */
const turns = (rows) => rows.filter((row, i) => i > 0 && row.user !== rows[i - 1].user).length;
const serverPid = (stage) => JSON.parse(readFileSync(join(stage.project, ".stdbctl", "server.json"), "utf8")).pid;
const editModule = (stage, old, text) => {
  const file = join(stage.project, "module", "__init__.py");
  const source = readFileSync(file, "utf8");
  if (!source.includes(old)) throw new Error(`the module has no ${old}`);
  writeFileSync(file, source.replace(old, text));
};

/** Let the server stand still while something is done. */
async function whilePaused(pid, work) {
  process.kill(pid, "SIGSTOP");
  try {
    return await work();
  } finally {
    process.kill(pid, "SIGCONT");
  }
}

/** In a page: count the frames that showed neither layer's paint at a place. */
function watch([x, y]) {
  window.watched = { looks: 0, blank: 0 };
  const alpha = (layer) => {
    const canvas = document.querySelector(layer);
    return canvas.getContext("2d").getImageData((x / 800) * canvas.width, (y / 600) * canvas.height, 1, 1).data[3];
  };
  const look = () => {
    window.watched.looks += 1;
    if (alpha("#ink") < 255 && alpha("#pending") < 255) window.watched.blank += 1;
    requestAnimationFrame(() => setTimeout(look)); // after all that is painted in a frame
  };
  look();
}

const scenarios = {
  async draw_at_once(stage) {
    const [ann, bob] = [await stage.join(), await stage.join()];
    await chooseColor(ann, "#aa0000");
    await chooseColor(bob, "#0000bb");
    await Promise.all([draw(ann, ZIGZAG, 20), draw(bob, ZAGZIG, 20)]);
    await Promise.all([settled(ann), settled(bob)]);
    const rows = await stage.rows();
    const late = await stage.join();
    for (const page of [ann, bob, late]) await showsRows(page, rows);
    const pictures = await Promise.all([ann, bob, late].map(ink));
    await ann.screenshot({ path: join(stage.shots, "desktop.png") });
    await ann.emulateMedia({ colorScheme: "dark" });
    await ann.screenshot({ path: join(stage.shots, "dark.png") });
    await bob.setViewportSize({ width: 700, height: 500 });
    await showsRows(bob, rows); // painted anew, the same way
    return {
      points: rows.length,
      turns: turns(rows),
      colors: [...new Set(rows.map((row) => row.color))].sort(),
      strokes: new Set(rows.map((row) => row.stroke)).size,
      pictures: new Set(pictures).size,
      sharp: await ann.evaluate(() => document.querySelector("#ink").width === Math.round(document.querySelector("#ink").clientWidth * devicePixelRatio)),
    };
  },

  async clear(stage) {
    const [ann, bob] = [await stage.join(), await stage.join()];
    await draw(ann, ZIGZAG);
    await draw(bob, ZAGZIG);
    await Promise.all([settled(ann), settled(bob)]);
    const before = await stage.rows();
    await showsRows(ann, before);
    const hers = await identityOf(ann);
    await ann.locator("#clear").click();
    const kept = before.filter((row) => !row.user.includes(hers));
    for (const page of [ann, bob]) await showsRows(page, kept);
    const left = await stage.rows();
    await draw(ann, ZIGZAG); // still drawn as before
    await settled(ann);
    const after = await stage.rows();
    for (const page of [ann, bob]) await showsRows(page, after);
    return { hersBefore: before.length - kept.length > 0, same: JSON.stringify(left) === JSON.stringify(kept), more: after.length > left.length };
  },

  async identity(stage) {
    const ann = await stage.join();
    const before = await identityOf(ann);
    const alone = await usersOn(ann);
    const bob = await stage.join(ann.context()); // another tab of her browser
    await ann.waitForFunction(() => document.querySelectorAll("#users li").length === 2);
    const both = await usersOn(ann);
    await ann.reload();
    await stage.synced(ann);
    await bob.waitForFunction(() => document.querySelectorAll("#users li").length === 2);
    const seen = { same: before === (await identityOf(ann)), other: before !== (await identityOf(bob)), alone: alone.length, both: both.length };
    await bob.close();
    await ann.waitForFunction(() => document.querySelectorAll("#users li").length === 1);
    return { ...seen, left: (await usersOn(ann))[0] === before, stored: await ann.evaluate(() => [sessionStorage.length, localStorage.length]) };
  },

  async at_once_without_flicker(stage) {
    const ann = await stage.join();
    const seen = await whilePaused(serverPid(stage), async () => {
      await draw(ann, [[390, 300], [410, 300]]);
      await ann.evaluate(watch, MIDDLE);
      return { pending: await hasPaint(ann, "#pending", MIDDLE), ink: await hasPaint(ann, "#ink", MIDDLE) };
    });
    await settled(ann);
    const { looks, blank } = await ann.evaluate(() => window.watched);
    return { whilePaused: seen, looked: looks > 1, blank, ink: await hasPaint(ann, "#ink", MIDDLE) };
  },

  async crash(stage) {
    const [ann, bob] = [await stage.join(), await stage.join()];
    const names = [await identityOf(ann), await identityOf(bob)];
    await draw(ann, ZIGZAG);
    await settled(ann);
    process.kill(serverPid(stage), "SIGKILL");
    for (const page of [ann, bob]) await page.waitForSelector("body[data-state=lost]");
    await draw(bob, ZAGZIG);
    const offline = await hasPaint(bob, "#pending", [400, 150]);
    await stage.stdbctl("start", "--detach", "--listen", new URL(stage.host).host);
    for (const page of [ann, bob]) await stage.synced(page);
    await settled(bob);
    await draw(ann, [[50, 50], [60, 60]]);
    await settled(ann);
    const rows = await stage.rows();
    for (const page of [ann, bob]) await showsRows(page, rows);
    const places = rows.map(({ x, y, stroke }) => `${stroke} ${x} ${y}`);
    return {
      offline,
      strokes: new Set(rows.map((row) => row.stroke)).size,
      twice: places.length - new Set(places).size,
      same: names[0] === (await identityOf(ann)) && names[1] === (await identityOf(bob)),
      users: (await usersOn(ann)).length,
    };
  },

  async redeploy(stage) {
    const [ann, bob] = [await stage.join(), await stage.join()];
    await chooseColor(ann, "#aa0000");
    editModule(stage, "point = Point(x=x, y=y, color=color,", 'point = Point(x=x, y=y, color="#123456",');
    await stage.stdbctl("deploy");
    await draw(ann, ZIGZAG);
    await settled(ann);
    const recolored = await stage.rows();
    for (const page of [ann, bob]) await showsRows(page, recolored);
    editModule(stage, "def clear_my_points(", "def clear_my_points((");
    const broken = await stage.stdbctl("deploy").then(
      () => "deployed",
      (error) => (error.message.includes("is not valid Python") ? "refused" : error.message),
    );
    await draw(bob, ZAGZIG); // the old code serves on
    await settled(bob);
    const served = await stage.rows();
    for (const page of [ann, bob]) await showsRows(page, served);
    editModule(stage, "def clear_my_points((", "def clear_my_points(");
    editModule(stage, "    if not re.fullmatch", '    raise ReducerError("the board is closed")\n    if not re.fullmatch');
    await stage.stdbctl("deploy");
    await draw(bob, ZIGZAG);
    await settled(bob); // what was refused is gone
    const refused = await stage.rows();
    for (const page of [ann, bob]) await showsRows(page, served);
    return {
      colors: [...new Set(served.map((row) => row.color))],
      broken,
      oldCodeServed: served.length > recolored.length,
      notice: await bob.locator("#notice").textContent(),
      unchanged: JSON.stringify(refused) === JSON.stringify(served),
      sockets: [ann.sockets, bob.sockets],
    };
  },

  async phone(stage) {
    const phone = { viewport: { width: 360, height: 640 }, deviceScaleFactor: 3, isMobile: true, hasTouch: true };
    const [ann, bob] = [await stage.join(), await stage.join(await stage.browser.newContext(phone))];
    const box = await bob.locator("#pending").boundingBox();
    const touch = await bob.context().newCDPSession(bob);
    const fingers = (type, ...places) =>
      touch.send("Input.dispatchTouchEvent", {
        type,
        touchPoints: places.map(([x, y], id) => ({ id, x: box.x + (x / 800) * box.width, y: box.y + (y / 600) * box.height })),
      });
    await fingers("touchStart", [100, 100], [100, 500]);
    for (let x = 140; x <= 700; x += 40) await fingers("touchMove", [x, 100], [x, 500]);
    await fingers("touchEnd");
    await settled(bob);
    const rows = await stage.rows();
    for (const page of [ann, bob]) await showsRows(page, rows);
    await chooseColor(ann, "#16a34a");
    await draw(ann, ZIGZAG);
    await settled(ann);
    await showsRows(bob, await stage.rows());
    await bob.screenshot({ path: join(stage.shots, "phone.png") });
    return {
      strokes: new Set(rows.map((row) => row.stroke)).size,
      heights: [...new Set(rows.map((row) => Math.round(row.y / 10) * 10))].sort(),
      wide: await bob.evaluate(() => document.documentElement.scrollWidth > innerWidth || document.documentElement.scrollHeight > innerHeight),
      sharp: await bob.evaluate(() => document.querySelector("#ink").width >= 3 * Math.floor(document.querySelector("#ink").clientWidth)),
      onScreen: { ann: await hasPaint(ann, "#ink", [400, 100]), bob: await hasPaint(bob, "#ink", [400, 500]) },
    };
  },
};

const [name, options] = process.argv.slice(2);
const stage = await Stage.open(JSON.parse(options));
try {
  const seen = await scenarios[name](stage);
  console.log(JSON.stringify({ ...seen, errors: stage.errors }));
} finally {
  await stage.close();
}
