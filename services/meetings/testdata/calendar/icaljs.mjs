// Reads feeds with ical.js and prints what it understood, as one line of JSON for each.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const instant = (time) => new Date(time.toUnixTime() * 1000).toISOString();

for (const file of process.argv.slice(2)) {
  const calendar = new ICAL.Component(ICAL.parse(readFileSync(file, "utf8")));
  // The zones are those that the feed describes, and no others that the library may know.
  const zones = new Map(calendar.getAllSubcomponents("vtimezone").map((zone) => [zone.getFirstPropertyValue("tzid"), new ICAL.Timezone(zone)]));
  const at = (event, name) => {
    const property = event.component.getFirstProperty(name);
    const time = property.getFirstValue();
    const zone = property.getParameter("tzid");
    if (zone !== undefined) {
      if (!zones.has(zone)) throw new Error(`${file}: ${zone} is not described`);
      time.zone = zones.get(zone);
    }
    return instant(time);
  };
  console.log(JSON.stringify(calendar.getAllSubcomponents("vevent").map((component) => {
    const event = new ICAL.Event(component);
    return {
      uid: event.uid, sequence: event.sequence, status: component.getFirstPropertyValue("status"),
      start: at(event, "dtstart"), end: at(event, "dtend"), summary: event.summary, location: event.location ?? "",
    };
  })));
}
