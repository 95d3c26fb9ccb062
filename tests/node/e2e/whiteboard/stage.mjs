// What a scenario needs: the built client on a web server, Chromium, people with a mouse, the server's rows.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { chromium } from "playwright-core";

const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css" };
const WAIT_MS = 30_000;

/** Serve a built client whose settings are the placeholders of tests/e2e/whiteboard.py. */
async function serveClient(dist, host, database) {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url, "http://x").pathname);
    const file = join(dist, path === "/" ? "index.html" : path);
    const text = readFileSync(file, "utf8").replaceAll("http://host.placeholder", host).replaceAll("database-placeholder", database);
    response.setHeader("content-type", TYPES[extname(file)]).end(text);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

export class Stage {
  /** `options`: dist, host, database, project, python, shots. */
  static async open(options) {
    const stage = new Stage();
    Object.assign(stage, options);
    stage.web = await serveClient(options.dist, options.host, options.database);
    stage.address = `http://127.0.0.1:${stage.web.address().port}/`;
    stage.errors = [];
    stage.browser = await chromium.launch({
      executablePath: "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    });
    return stage;
  }

  async close() {
    await this.browser.close();
    this.web.close();
  }

  /** Somebody in a window of their own (tabs behind another are slow), or in a new tab of a window; connected. */
  async join(context) {
    const page = await (context ?? (await this.browser.newContext({ viewport: { width: 900, height: 760 } }))).newPage();
    page.setDefaultTimeout(WAIT_MS);
    page.sockets = 0;
    page.on("websocket", () => (page.sockets += 1));
    page.on("pageerror", (error) => this.errors.push(String(error)));
    await page.goto(this.address);
    await this.synced(page);
    return page;
  }

  /** Wait until a page has the rows. */
  synced(page) {
    return page.waitForSelector("body[data-state=connected] #clear:enabled");
  }

  /** Run `stdbctl` in the project. */
  stdbctl(...words) {
    return new Promise((resolve, reject) => {
      execFile(this.python, ["-m", "stdbctl", ...words], { cwd: this.project }, (error, stdout, stderr) =>
        error ? reject(new Error(`${words.join(" ")}: ${stderr}`)) : resolve(stdout),
      );
    });
  }

  /** The points that the server has, in its order. */
  async rows() {
    const body = "SELECT id, x, y, color, stroke, user_id FROM point";
    const answer = await fetch(`${this.host}/v1/database/${this.database}/sql`, { method: "POST", body });
    const rows = (await answer.json())[0].rows.map(([id, x, y, color, stroke, user]) => ({ id, x, y, color, stroke, user: String(user) }));
    return rows.sort((a, b) => a.id - b.id);
  }
}

/** Draw with the mouse through places in board units. */
export async function draw(page, places, steps = 8) {
  const box = await page.locator("#pending").boundingBox();
  const at = ([x, y]) => [box.x + (x / 800) * box.width, box.y + (y / 600) * box.height];
  await page.mouse.move(...at(places[0]));
  await page.mouse.down();
  for (const place of places.slice(1)) await page.mouse.move(...at(place), { steps });
  await page.mouse.up();
}

export const chooseColor = (page, color) => page.locator("#color").fill(color);
export const identityOf = (page) => page.locator("#users [aria-current]").getAttribute("title");
export const usersOn = (page) => page.locator("#users li").evaluateAll((items) => items.map((item) => item.title).sort());
export const ink = (page) => page.evaluate(() => document.querySelector("#ink").toDataURL());

/** Whether a layer has paint at a place in board units. */
export const hasPaint = (page, layer, [x, y]) =>
  page.evaluate(
    ([layer, x, y]) => {
      const canvas = document.querySelector(layer);
      const place = [(x / 800) * canvas.width, (y / 600) * canvas.height].map(Math.round);
      return canvas.getContext("2d").getImageData(...place, 1, 1).data[3] > 0;
    },
    [layer, x, y],
  );

/** Wait until a page has nothing left that the server has not answered. */
export const settled = (page) =>
  page.waitForFunction(() => {
    const { width, height } = document.querySelector("#pending");
    const { data } = document.querySelector("#pending").getContext("2d").getImageData(0, 0, width, height);
    return document.body.dataset.state === "connected" && data.every((value) => value === 0);
  });

/** Wait until the picture of a page is exactly what painting these rows, one after the other, gives. */
export const showsRows = (page, rows) =>
  page.waitForFunction((rows) => {
    const shown = document.querySelector("#ink");
    const canvas = Object.assign(document.createElement("canvas"), { width: shown.width, height: shown.height });
    const context = canvas.getContext("2d");
    context.setTransform(canvas.width / 800, 0, 0, canvas.height / 600, 0, 0);
    Object.assign(context, { lineWidth: 5, lineCap: "round" });
    const tips = new Map();
    for (const row of rows) {
      const tip = row.stroke && tips.get(row.user + row.stroke);
      context.fillStyle = context.strokeStyle = row.color;
      context.beginPath();
      if (tip) {
        context.moveTo(tip.x, tip.y);
        context.lineTo(row.x, row.y);
        context.stroke();
      } else {
        context.arc(row.x, row.y, 2.5, 0, 2 * Math.PI);
        context.fill();
      }
      tips.set(row.user + row.stroke, row);
    }
    return canvas.toDataURL() === shown.toDataURL();
  }, rows);
