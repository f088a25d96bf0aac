// Ends with 1 on a Node that Vite does not run on; the same words stand as "engines" in package.json.
const [major, minor] = process.versions.node.split('.').map(Number);
const fits = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
if (!fits) {
  console.error(`Node ${process.versions.node} is too old: 20.19, 22.12 or later is needed`);
  process.exit(1);
}
