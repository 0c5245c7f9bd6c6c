/** The Lua script of `deploy/fluent-bit`, run where there is a Lua. Fluent Bit has LuaJIT inside. */
import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { CONTAINER_ID, FOLDER } from '../support/fluent-bit.ts'

const LUA = ['luajit', 'lua5.1', 'lua'].find((command) => spawnSync(command, ['-v']).error === undefined)
if (LUA === undefined)
  process.stderr.write('skipped: cali.lua was read but not run, there is no luajit, lua5.1 or lua on PATH\n')

describe.skipIf(LUA === undefined)('the Lua script', () => {
  /** Runs cali() on a record, written as a Lua table; gives the fields it has afterwards, as text. */
  const run = (record: string): Record<string, string> => {
    const script = `dofile(${JSON.stringify(`${FOLDER}cali.lua`)})
      local code, at, record = cali('tag', 12.5, ${record})
      assert(code == 2 and at == 12.5)
      for key, value in pairs(record) do io.write(key, '\\1', tostring(value), '\\2') end`
    const { stdout, stderr, status } = spawnSync(LUA as string, ['-'], { input: script, maxBuffer: 1 << 26 })
    if (status !== 0) throw new Error(stderr.toString())
    return Object.fromEntries(
      stdout
        .toString()
        .split('\u0002')
        .slice(0, -1)
        .map((entry) => entry.split('\u0001') as [string, string]),
    )
  }
  const FILE = "log_file = '/var/log/app/a.log', log_offset = 307, host = 'app-vm-1', level = 'ERROR'"

  it('gives an event of a file an id of host, file, offset and time', () => {
    expect(run(`{ log_content = 'x', timestamp = '2026-01-20 20:00:00.074', ${FILE} }`)).toMatchObject({
      event_id: 'app-vm-1:/var/log/app/a.log:307:2026-01-20 20:00:00.074',
      log_content: 'x',
      log_offset: '307',
    })
  })

  it("gives an event of a container an id of the container's, offset and the runtime's time", () => {
    const file = `/var/log/containers/order-service-7d9f8b6c5d-x2k4q_shop_app-${CONTAINER_ID}.log`
    const fields = `log_file = '${file}', log_offset = 101, time = '2026-01-20T11:00:00.002000006Z', timestamp = 'other'`
    expect(run(`{ log_content = 'x', ${fields} }`)['event_id']).toBe(
      `${CONTAINER_ID}:101:2026-01-20T11:00:00.002000006Z`,
    )
  })

  it('keeps lines without a time apart from those of the file that was rotated, by their length', () => {
    expect(run(`{ log_content = 'orphan', ${FILE} }`)['event_id']).toBe('app-vm-1:/var/log/app/a.log:307:6B')
  })

  it('writes offsets beyond 2 GB as digits', () => {
    expect(run(`{ log_content = 'x', log_file = '/a.log', log_offset = 123456789012, host = 'h' }`)['event_id']).toBe(
      'h:/a.log:123456789012:1B',
    )
  })

  it.each([
    ['no host', "log_file = '/a.log', log_offset = 1"],
    ['no offset', "log_file = '/a.log', host = 'h'"],
    ['a path so long that CALI would cut the id', "log_file = ('/a'):rep(120), log_offset = 1, host = 'h'"],
  ])('gives no id when there is %s', (_, fields) => {
    expect(run(`{ log_content = 'x', ${fields} }`)).not.toHaveProperty('event_id')
  })

  it.each([
    ['é', 131_071],
    ['한', 87_381],
    ['😀', 65_535],
  ])('cuts a long event between two characters, and says so (%s)', (character, fitting) => {
    const cut = run(`{ log_content = 'a' .. ('${character}'):rep(140000), ${FILE} }`)
    expect(cut['log_content'] === `a${character.repeat(fitting)}`).toBe(true)
    expect(cut).toMatchObject({ truncated: 'true', orig_bytes: String(1 + 140_000 * Buffer.byteLength(character)) })
  })

  it.each(['("a"):rep(262145)', '("\\128"):rep(300000)'])('cuts %s at 256 KiB too', (text) => {
    expect(run(`{ log_content = ${text}, ${FILE} }`)).toMatchObject({ truncated: 'true' })
  })

  it('leaves an event of exactly 256 KiB alone', () => {
    expect(run(`{ log_content = ("a"):rep(262144), ${FILE} }`)).not.toHaveProperty('truncated')
  })

  it('flags what has no header', () => {
    expect(run(`{ log_content = 'x', ${FILE} }`)).not.toHaveProperty('no_header')
    expect(run(`{ log_content = '\\tat x' }`)).toMatchObject({ no_header: 'true' })
    expect(run('{ other = 1 }')).toMatchObject({ no_header: 'true' })
  })
})
