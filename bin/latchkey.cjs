#!/usr/bin/env node
// Starts src/main.ts, which Node runs as it is. An older Node cannot load that file, and would report a syntax error: this file
// is written so that every Node can run it.
'use strict'

var version = process.versions.node.split('.').map(Number)
var isNewEnough = version[0] > 22 || (version[0] === 22 && version[1] >= 18)

if (isNewEnough && process.features.typescript) {
  import('../src/main.ts')
} else {
  process.stderr.write(
    'Latchkey cannot start: it needs Node 22.18 or newer, and this is Node ' +
      process.versions.node +
      (isNewEnough ? ' with type stripping switched off' : '') +
      ' (' +
      process.execPath +
      '). Run "npm ci" and "npm start", which use the Node that npm installs with Latchkey, or install Node 24.\n',
  )
  process.exitCode = 1
}
