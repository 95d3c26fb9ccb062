// A module written with the npm package's own schema builder, with something of everything.
import { schema, table, t, Router, SyncResponse } from 'spacetimedb/server';

const color = t.enum('paint_color', { brightRed: t.unit(), Custom: t.string(), dark_blue: t.object('RGBParts', { redPart: t.u8() }) });
const point = table(
  {
    name: 'Point',
    public: true,
    indexes: [{ accessor: 'byPlace', algorithm: 'btree', columns: ['xPos', 'yPos'] }],
  },
  {
    id: t.u64().primaryKey().autoInc(),
    xPos: t.f32(),
    yPos: t.f32().default(1.5),
    userID: t.identity().index('btree'),
    tag: t.string().unique(),
    level1: t.u8().index('direct'),
    color,
    parts: t.array(t.option(color)),
    made: t.timestamp(),
    big: t.i256(),
  }
);
const job = table({}, { scheduledId: t.u64().primaryKey().autoInc(), scheduledAt: t.scheduleAt(), note: t.option(t.string()) });
const ping = table({ event: true, public: true }, { at: t.timestamp(), from: t.connectionId() });

const board = schema({ drawnPoint: point, deliveryJob: job, ping });
export default board;

export const init = board.init(() => {});
export const onConnect = board.clientConnected(() => {});
export const addPoint = board.reducer({ xPos: t.f32(), theColor: color }, () => {});
export const renamed = board.reducer({ name: 'do_it_NOW' }, {}, () => {});
export const runJob = board.reducer({ onSchedule: job }, { row: job.rowType }, () => {});
export const addUp = board.procedure({ a: t.u32(), b: t.u32() }, t.u64(), () => 0n);
export const allPoints = board.view({ public: true }, t.array(point.rowType), ctx => [...ctx.db.drawnPoint.iter()]);
export const oneJob = board.anonymousView({ public: true }, t.option(job.rowType), () => undefined);
export const hook = board.httpHandler(() => new SyncResponse('ok'));
export const routes = board.httpRouter(new Router().post('/hook', hook));
