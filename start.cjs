'use strict';

// What the commands of package.json look at first: a sentence instead of an error of Node. Any Node can read it.
// `--unbuilt`: what follows builds the program.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const oldest = 26;
const isOld = Number(process.versions.node.split('.')[0]) < oldest;
const isBuilt = process.argv.includes('--unbuilt') || existsSync(join(__dirname, 'dist', 'main.js'));

if (isOld) {
  end(
    `Sluice needs Node ${oldest} or newer, this is ${process.versions.node}. ` +
      '`npm ci` installs it beside the program, unless it is told to run no scripts: then run `npm rebuild node`.',
  );
}
if (!isBuilt) end('Sluice is not built yet: run `npm run build` first.');

function end(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
