// A CSV small enough to read in one look: LF lines, a header, quotes only where they are needed.
import { readFileSync, writeFileSync } from 'node:fs'

const quote = (value) => {
  const text = value === undefined || value === null ? '' : String(value)
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export function writeCsv(path, columns, rows) {
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column]))]
  writeFileSync(path, lines.map((line) => line.map(quote).join(',') + '\n').join(''))
}

function splitLine(line) {
  const cells = line.matchAll(/("((?:[^"]|"")*)"|[^,]*)(?:,|$)/g)
  const values = [...cells].map(([, raw, quoted]) => quoted?.replaceAll('""', '"') ?? raw)
  // The pattern also matches the empty end of the line: one cell too many.
  return line.endsWith(',') ? values : values.slice(0, -1)
}

export function readCsv(path) {
  const [header, ...lines] = readFileSync(path, 'utf8').split(/\r?\n/).filter((line) => line !== '')
  const columns = splitLine(header)
  return lines.map((line) => Object.fromEntries(splitLine(line).map((value, i) => [columns[i], value])))
}

// Plain code-unit order: a locale's collation may differ from one machine to the next.
export const by = (key) => (a, b) => (a[key] < b[key] ? -1 : a[key] > b[key] ? 1 : 0)
