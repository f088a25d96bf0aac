// Reads feeds with node-ical and prints what it understood, as one line of JSON for each.
import { readFileSync } from "node:fs";
import ical from "node-ical";

const text = (value) => (typeof value === "object" ? value.val : value) ?? "";

for (const file of process.argv.slice(2)) {
  const events = Object.values(ical.sync.parseICS(readFileSync(file, "utf8"))).filter((part) => part.type === "VEVENT");
  console.log(JSON.stringify(events.map((event) => ({
    uid: event.uid, sequence: Number(event.sequence), status: event.status,
    start: event.start.toISOString(), end: event.end.toISOString(), summary: text(event.summary), location: text(event.location),
  }))));
}
