// The page: connects, and says so. Subscribe in `onConnect`, as the comment there shows.
import { stayConnected } from "./connection";
import { database } from "./settings";
import "./style.css";

const status = document.getElementById("status");
if (status === null) throw new Error("index.html has no element with the id status");

stayConnected({
  onState(state) {
    document.body.dataset["state"] = state;
    status.textContent = state === "connecting" ? "Connecting…" : "Reconnecting…";
  },

  onConnect(_conn, identity) {
    status.textContent = `Connected to ${database} as ${identity.toHexString()}`;
    // With a table `message` in the module, and `tables` imported from "./module_bindings":
    //   conn.db.message.onInsert((_ctx, message) => console.log(message.text));
    //   conn.subscriptionBuilder().subscribe(tables.message);
  },
});
