import { userInfo } from 'node:os'
import type { Command } from 'commander'
import type { z } from 'zod'
import {
  type incidentDetailSchema,
  type incidentListSchema,
  type incidentSchema,
  incidentState,
} from '../../api/schema.ts'
import { parseDuration } from '../../app/setting.ts'
import { CaliError } from '../../platform/error.ts'
import { findRemote, type RemoteFlags } from '../remote.ts'
import { bold, columns, dim, padEnd, plain, severityWord, shorten, terminalWidth, wrap } from '../terminal.ts'

type IncidentList = z.output<typeof incidentListSchema>
type IncidentDetail = z.output<typeof incidentDetailSchema>
type Incident = z.output<typeof incidentSchema>
type Flags = RemoteFlags & { json?: boolean; state?: string; by: string; note?: string }

export function registerIncidents(program: Command): void {
  const incidents = program.command('incidents').description('Incidents of the running program')
  const remote = (command: Command): Command =>
    command
      .option('--url <address>', 'address of the program (default: the one that runs here)')
      .option('--data-dir <folder>', 'its data folder')
      .option('--json', 'machine output')
  const person = (command: Command): Command => remote(command).option('--by <name>', 'who acts', userName())

  remote(
    incidents.command('list').description('Newest activity first').option('--state <states>', 'e.g. open,regressed'),
  ).action(async (flags: Flags) => {
    for (const state of flags.state?.split(',') ?? [])
      if (!incidentState.safeParse(state).success)
        throw new CaliError(
          'config_invalid',
          `--state is "${state}": accepted are ${incidentState.options.join(', ')}, with commas between them`,
        )
    const list = await findRemote({ ...flags, ...program.opts<{ config?: string }>() }).get<IncidentList>(
      `/api/incidents${flags.state === undefined ? '' : `?state=${encodeURIComponent(flags.state)}`}`,
    )
    if (flags.json === true) return console.log(JSON.stringify(list.incidents))
    if (list.incidents.length === 0) return console.log('  No incident.')
    for (const incident of list.incidents) printRow(incident)
  })
  remote(incidents.command('show').description('One incident with its explanation').argument('<id>')).action(
    async (id: string, flags: Flags) => {
      const detail = await findRemote({ ...flags, ...program.opts<{ config?: string }>() }).get<IncidentDetail>(
        `/api/incidents/${encodeURIComponent(id)}`,
      )
      if (flags.json === true) return console.log(JSON.stringify(detail))
      printDetail(detail)
    },
  )
  const act = (name: string, description: string, path: string): Command =>
    person(incidents.command(name).description(description).argument('<id>')).action(
      async (id: string, flags: Flags) => {
        const changed = await findRemote({ ...flags, ...program.opts<{ config?: string }>() }).send<Incident>(
          'POST',
          `/api/incidents/${encodeURIComponent(id)}/${path}`,
          { by: flags.by, ...(flags.note === undefined ? {} : { note: flags.note }) },
        )
        console.log(flags.json === true ? JSON.stringify(changed) : `  ${changed.id} ${changed.state}`)
      },
    )
  act('ack', 'Say that you look at it', 'acknowledge')
  act('resolve', 'Say that it is over', 'resolve').option(
    '--note <text>',
    'what fixed it: shown with similar incidents later',
  )
  act('reopen', 'Take resolved or acknowledged back', 'reopen')
  person(
    incidents
      .command('rename')
      .description('Give it a name that people understand')
      .argument('<id>')
      .argument('<title>'),
  ).action((id: string, title: string, flags: Flags) => regroup(id, 'rename', { title }, flags))
  person(
    incidents
      .command('merge')
      .description('Say that other incidents are the same error as the first one')
      .argument('<id>', 'the incident that stays')
      .argument('<others...>', 'the incidents that become part of it'),
  ).action((id: string, others: string[], flags: Flags) => regroup(id, 'merge', { incidents: others }, flags))
  person(
    incidents
      .command('split')
      .description('Take one kind of error out of an incident, for good')
      .argument('<id>')
      .argument('<fingerprint>', 'one of its members, see `cali incidents show`'),
  ).action((id: string, fingerprint: string, flags: Flags) => regroup(id, 'split', { fingerprint }, flags))
  const regroup = async (id: string, verb: string, body: Record<string, unknown>, flags: Flags): Promise<void> => {
    const changed = await findRemote({ ...flags, ...program.opts<{ config?: string }>() }).send<Incident>(
      'POST',
      `/api/incidents/${encodeURIComponent(id)}/${verb}`,
      { by: flags.by, ...body },
    )
    console.log(
      flags.json === true
        ? JSON.stringify(changed)
        : `  ${changed.id} ${changed.state}  ×${changed.count.toLocaleString('en-US')}  ${plain(`${changed.service}: ${changed.title}`)}`,
    )
  }
  person(
    incidents
      .command('mute')
      .description('Hold its messages back for a while; it is counted all the same')
      .argument('<id>')
      .argument('<duration>', 'e.g. 30m, 4h, 7d'),
  ).action(async (id: string, duration: string, flags: Flags) => {
    const ms = parseDuration(duration)
    if (ms === undefined || ms < 60_000)
      throw new CaliError(
        'config_invalid',
        `duration is "${duration}": at least a minute is accepted, e.g. 30m, 4h or 7d`,
      )
    const changed = await findRemote({ ...flags, ...program.opts<{ config?: string }>() }).send<Incident>(
      'POST',
      `/api/incidents/${encodeURIComponent(id)}/mute`,
      {
        by: flags.by,
        minutes: Math.round(ms / 60_000),
      },
    )
    console.log(
      flags.json === true
        ? JSON.stringify(changed)
        : `  ${changed.id} muted until ${new Date(changed.mutedUntil ?? 0).toISOString()}`,
    )
  })
}

function printRow(incident: IncidentList['incidents'][number]): void {
  const tail = `  ×${incident.count.toLocaleString('en-US')}  ${incident.state}`
  const head = `  ${padEnd(incident.id, 8)} ${severityWord(incident.severity)}  `
  const width = terminalWidth() - columns(head) - columns(tail)
  console.log(head + padEnd(shorten(`${plain(incident.service)}: ${plain(incident.title)}`, width), width) + dim(tail))
}

function printDetail({ incident, report, members }: IncidentDetail): void {
  const width = terminalWidth() - 13
  console.log(
    `\n  ${bold(incident.id)}  ${severityWord(incident.severity)}  ${bold(plain(`${incident.service}: ${incident.title}`))}`,
  )
  console.log(
    dim(
      `  ${incident.state} · ×${incident.count.toLocaleString('en-US')} · ${new Date(incident.firstSeen).toISOString()} → ${new Date(incident.lastSeen).toISOString()} · ${incident.pods.length} pods · ${incident.versions.join(', ')}`,
    ),
  )
  if (incident.mergedInto !== undefined) console.log(dim(`  part of ${incident.mergedInto}`))
  if (members.length > 1)
    for (const member of members)
      console.log(
        dim(
          `  ${member.own ? '●' : '○'} ${member.fingerprint} ×${member.count.toLocaleString('en-US')} ${shorten(plain(member.template), width - 24)}`,
        ),
      )
  if (report === undefined) return
  console.log()
  for (const line of wrap(plain(report.summary), width)) console.log(`  ${line}`)
  for (const item of report.evidence) console.log(`  ${dim(padEnd(item.id, 4))}${shorten(plain(item.text), width)}`)
  for (const [i, action] of report.actions.entries()) {
    for (const line of wrap(plain(`${i + 1}. ${action.text}`), width)) console.log(`  ${line}`)
  }
  console.log()
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    return 'cli'
  }
}
