/** The API's nouns by their short names, generated from the server's schemas. Times are Unix milliseconds. */
import type { components, paths } from '../api.gen'

type Schemas = components['schemas']
type Reads = { [P in keyof paths]: paths[P]['get'] extends { responses: { 200: unknown } } ? P : never }[keyof paths]
type Answer<P extends Reads> = paths[P]['get'] extends {
  responses: { 200: { content: { 'application/json': infer T } } }
}
  ? T
  : never

export type Incident = Schemas['Incident']
export type IncidentRow = Schemas['IncidentRow']
export type IncidentList = Schemas['IncidentList']
export type IncidentDetail = Schemas['IncidentDetail']
export type IncidentMember = IncidentDetail['members'][number]
export type IncidentState = Incident['state']
export type Severity = Incident['severity']
export type Report = Schemas['Report']
export type Evidence = Schemas['Evidence']
export type Confidence = Report['hypotheses'][number]['confidence']
export type Change = Report['changes'][number]
export type Timeline = IncidentDetail['timeline']
export type Histogram = Schemas['Histogram']
export type LogRecord = Schemas['LogRecord']
export type LogLevel = LogRecord['level']
export type LogPage = Schemas['LogPage']
export type Notification = Schemas['Notification']
export type Block = Notification['blocks'][number]
export type Pipeline = Schemas['Pipeline']
export type Tally = Pipeline['ledger']['decode']
export type Source = Pipeline['sources'][number]
export type Quarantined = Pipeline['quarantine'][number]
export type Status = Schemas['Status']
export type UiLanguage = Status['language']
export type Pattern = Schemas['Pattern']
export type KnowledgeDocument = Schemas['KnowledgeDocument']
export type Rule = Schemas['Rule']
export type RuleAction = Rule['action']
export type RuleSet = Answer<'/api/rules'>
export type RulePreview = Schemas['RulePreview']
export type Setting = Answer<'/api/settings'>['settings'][number]
export type AuditEntry = Answer<'/api/audit'>['entries'][number]
export type LiveEvent = Schemas['LiveEvent']
export type Counts = Record<string, number>
