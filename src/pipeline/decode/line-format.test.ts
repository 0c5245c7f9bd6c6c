import { describe, expect, it } from 'vitest'
import { readHeader } from './header.ts'

const ZONE = { offsetMinutes: 0, now: Date.UTC(2026, 5, 1) }

describe('lines with fixed columns', () => {
  it.each([
    [
      'logcat',
      '03-17 16:13:38.811  1702  2395 D WindowManager: printing logs',
      { at: Date.UTC(2026, 2, 17, 16, 13, 38, 811), logger: 'WindowManager', level: 'DEBUG', message: 'printing logs' },
    ],
    [
      'log4j with a compact date',
      '081109 203615 148 INFO dfs.DataNode$PacketResponder: PacketResponder 1 for block terminating',
      {
        at: Date.UTC(2008, 10, 9, 20, 36, 15),
        logger: 'dfs.DataNode$PacketResponder',
        level: 'INFO',
        message: 'PacketResponder 1 for block terminating',
      },
    ],
    [
      'columns between pipes',
      '20171223-22:15:29:606|Step_LSC|30002312|onStandStepChanged 3579',
      { at: Date.UTC(2017, 11, 23, 22, 15, 29, 606), logger: 'Step_LSC', message: 'onStandStepChanged 3579' },
    ],
    [
      'Windows servicing',
      '2016-09-28 04:30:30, Info                  CBS    Loaded Servicing Stack v6.1',
      { at: Date.UTC(2016, 8, 28, 4, 30, 30), logger: 'CBS', level: 'INFO', message: 'Loaded Servicing Stack v6.1' },
    ],
    [
      'oslo.log behind its file name',
      'nova-api.log.1.2017-05-16_13:53:08 2017-05-16 00:00:00.008 25746 INFO nova.osapi [req-1 2 3 - - -] GET /v2',
      {
        at: Date.UTC(2017, 4, 16, 0, 0, 0, 8),
        service: 'nova-api',
        logger: 'nova.osapi',
        level: 'INFO',
        message: 'GET /v2',
      },
    ],
    [
      'a Windows tool',
      '[10.30 16:49:06] chrome.exe *64 - proxy:5070 closed',
      { at: Date.UTC(2025, 9, 30, 16, 49, 6), service: 'chrome.exe', message: 'proxy:5070 closed' },
    ],
    [
      'a cluster event',
      '134681 node-246 unix.hw state_change.unavailable 1077804742 1 Component State Change',
      {
        at: 1_077_804_742_000,
        host: 'node-246',
        logger: 'unix.hw state_change.unavailable',
        message: 'Component State Change',
      },
    ],
    [
      'Blue Gene RAS',
      '- 1117838570 2005.06.03 R02-M1-N0-C:J12-U11 2005-06-03-15.42.50.363779 R02-M1-N0-C:J12-U11 RAS KERNEL INFO parity error corrected',
      {
        at: 1_117_838_570_000,
        host: 'R02-M1-N0-C:J12-U11',
        logger: 'RAS KERNEL',
        level: 'INFO',
        message: 'parity error corrected',
      },
    ],
    [
      'syslog behind the columns of a collector',
      '- 1131566461 2005.11.09 dn228 Nov 9 12:01:01 dn228/dn228 crond(pam_unix)[2915]: session closed for user root',
      {
        at: Date.UTC(2025, 10, 9, 12, 1, 1),
        service: 'crond',
        host: 'dn228/dn228',
        message: 'session closed for user root',
      },
    ],
    [
      'syslog with a program inside a program',
      'Jul  1 09:00:55 mac-10-105 com.apple.xpc.launchd[1] (com.apple.quicklook[71]): Service exited',
      {
        at: Date.UTC(2026, 6, 1, 9, 0, 55),
        service: 'com.apple.xpc.launchd',
        host: 'mac-10-105',
        message: 'Service exited',
      },
    ],
    [
      'a thread with brackets in its name',
      '2015-07-29 17:41:44,747 - INFO  [QuorumPeer[myid=1]/0:0:0:0:0:0:0:0:2181:FastLeaderElection@774] - Notification time out: 3200',
      { at: Date.UTC(2015, 6, 29, 17, 41, 44, 747), level: 'INFO', message: 'Notification time out: 3200' },
    ],
  ])('%s', (_name, line, { level, ...expected }: Record<string, unknown>) => {
    const header = readHeader(line as string, ZONE)
    expect(header).toMatchObject(expected as object)
    expect(header.severity?.text).toBe(level)
    expect(header.starts).toBe(true)
  })

  it.each(['134681 items were moved to node-246 in 10 seconds', '- 15 items', '[12.5] percent done'])(
    'a plain sentence is none: %s',
    (line) => expect(readHeader(line, ZONE)).toMatchObject({ message: expect.stringContaining(line.slice(-8)) }),
  )
})
