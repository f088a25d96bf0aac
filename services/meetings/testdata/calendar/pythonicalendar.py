"""Reads feeds with icalendar and prints what it understood, as one line of JSON for each."""
import json
import sys
from datetime import timezone

from icalendar import Calendar


def instant(when):
    return when.dt.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")


for name in sys.argv[1:]:
    with open(name, "rb") as file:
        calendar = Calendar.from_ical(file.read())
    print(json.dumps([
        {
            "uid": str(event["UID"]), "sequence": int(event["SEQUENCE"]), "status": str(event["STATUS"]),
            "start": instant(event["DTSTART"]), "end": instant(event["DTEND"]),
            "summary": str(event["SUMMARY"]), "location": str(event.get("LOCATION", "")),
        }
        for event in calendar.walk("VEVENT")
    ]))
