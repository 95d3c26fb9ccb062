// The WebSocket face of a bank: a request is u32 id, source, target, amount (little-endian, 16 bytes), one a message;
// its answer u32 id, u8 status (0 done, 1 refused). GET / gives all balances as JSON, by account.
// Prints its port when it listens.

import { createServer } from "node:http";
import { WebSocketServer } from "ws";

/** `bank`: transfer(source, target, amount, answer, socket), which calls answer(isDone) once it is durable; balances(). */
export function serve(bank) {
  const http = createServer(async (_request, response) => response.end(JSON.stringify(await bank.balances())));
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
  server.on("connection", (client, request) => {
    client.on("message", (data) => {
      const answer = (isDone) => {
        const message = Buffer.allocUnsafe(5);
        data.copy(message, 0, 0, 4);
        message[4] = isDone ? 0 : 1;
        client.send(message);
      };
      bank.transfer(data.readUInt32LE(4), data.readUInt32LE(8), data.readUInt32LE(12), answer, request.socket);
    });
  });
  http.listen(0, "127.0.0.1", () => console.log(http.address().port));
}
