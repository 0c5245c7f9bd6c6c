// Runs before the tests on whatever Node npm found: says what to do instead of a wall of syntax errors.
if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    `The tests need Node.js 24 or newer; this is ${process.version}.\n` +
      'Run "npm ci" without --omit=optional (it brings Node 24), or install Node.js 24 from https://nodejs.org\n',
  )
  process.exit(1)
}
