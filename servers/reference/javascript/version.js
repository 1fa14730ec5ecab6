// The version of a package, and of what it runs on: version.js PACKAGE
'use strict';

const runtime = process.versions.bun ? `Bun ${process.versions.bun}` : `Node.js ${process.versions.node}`;

// Not by require, which packages may narrow to what they export.
const file = `${__dirname}/node_modules/${process.argv[2]}/package.json`;

console.log(`${JSON.parse(require('node:fs').readFileSync(file, 'utf8')).version} on ${runtime}`);
