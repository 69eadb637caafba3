#!/usr/bin/env node
// Starts dist/main.js of the npm package, or src/main.ts of a clone, which Node runs as it is. An older Node cannot load either, and
// would report a syntax error: this file is written so that every Node can run it.
'use strict'

var fs = require('fs')
var path = require('path')

var version = process.versions.node.split('.').map(Number)
var isNewEnough = version[0] > 22 || (version[0] === 22 && version[1] >= 19)
// A clone may also have a dist/, which is older than its sources.
var isClone = fs.existsSync(path.join(__dirname, '../src/main.ts'))
var lacksTypes = isClone && !process.features.typescript

if (isNewEnough && !lacksTypes) require('./import-main.cjs')(isClone)
else refuse()

function refuse() {
  var found = process.versions.node + (isNewEnough ? ' with type stripping switched off' : '')
  var remedy = isClone
    ? 'Run "npm ci" and "npm start", which use the Node that npm installs with Latchkey, or install Node 24.'
    : 'Install Node 24.'
  var reason = 'it needs Node 22.19 or newer, and this is Node ' + found + ' (' + process.execPath + ').'
  process.stderr.write('Latchkey cannot start: ' + reason + ' ' + remedy + '\n')
  process.exitCode = 1
}
