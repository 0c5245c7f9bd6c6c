/** What S3 and the way to it answer when something is wrong, in words: what was asked, where, which setting, what to do. */
import { CaliError, messageOf } from '../../platform/error.ts'

export interface S3Place {
  readonly bucket: string
  readonly region: string
  /** Absent: AWS. */
  readonly endpoint?: string
}

/** An error of the SDK, as far as it is looked at. */
interface S3Fault {
  readonly name?: string
  /** Of Node's network errors. */
  readonly code?: string
  readonly message?: string
  readonly $metadata?: { readonly httpStatusCode?: number }
  readonly $response?: { readonly statusCode?: number; readonly headers?: Readonly<Record<string, string>> }
}

const statusOf = (fault: S3Fault): number => fault.$metadata?.httpStatusCode ?? fault.$response?.statusCode ?? 0

/** The key is taken: a conditional write was refused. */
export const isTaken = (error: unknown): boolean => statusOf(error as S3Fault) === 412

/** There is no such object. A HEAD has no body that says so, only its status. */
export const isMissing = (error: unknown): boolean => {
  const fault = error as S3Fault
  return fault.name === 'NoSuchKey' || fault.name === 'NotFound'
}

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/
const UNREACHABLE = /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/
const BROKEN = /^(?:ECONNRESET|EPIPE|ETIMEDOUT|ERR_STREAM_PREMATURE_CLOSE|UND_ERR_\w+)$/
const CREDENTIALS =
  /^(?:InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|InvalidToken|TokenRefreshRequired|CredentialsProviderError)$/
const BUSY = /^(?:SlowDown|ServiceUnavailable|InternalError|RequestTimeout|Throttling\w*|RequestLimitExceeded|503|500)$/
const NEEDED = 's3:ListBucket on the bucket, s3:GetObject and s3:PutObject on its objects'

/** Codes of S3: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export function explainS3(error: unknown, place: S3Place): CaliError {
  const fault = error as S3Fault
  const { name = '', code = '' } = fault
  const status = statusOf(fault)
  const where = `bucket "${place.bucket}" in ${place.region} (${place.endpoint === undefined ? 'AWS' : `endpoint ${place.endpoint}`})`
  const make = (id: string, text: string, retryable = false): CaliError =>
    new CaliError(id, text, { cause: error, retryable })

  // The SDK calls a connection that was reset a time-out too; its code tells.
  if ((name === 'TimeoutError' && !/^(?:ECONNRESET|EPIPE)$/.test(code)) || name === 'AbortError')
    return make('s3_timeout', `${where}: no answer in time; tried again. s3.timeout says how long is waited.`, true)
  if (CERTIFICATE.test(code))
    return make(
      's3_certificate',
      `${where}: its certificate is not trusted (${code}). Name its authority in the variable NODE_EXTRA_CA_CERTS, or mend aws.endpoint.`,
    )
  if (UNREACHABLE.test(code))
    return make('s3_unreachable', `${where}: cannot be reached (${code}). Check aws.endpoint and the network.`, true)
  if (BROKEN.test(code) || /socket hang up/.test(fault.message ?? ''))
    return make('s3_broken', `${where}: the connection broke off (${code === '' ? messageOf(error) : code})`, true)
  if (name === 'NoSuchBucket')
    return make('s3_no_bucket', `there is no ${where}. Check s3.bucket and aws.region, or create the bucket.`)
  const region = regionIn(fault)
  if (status === 301 || name === 'AuthorizationHeaderMalformed' || name === 'IllegalLocationConstraintException')
    return make(
      's3_wrong_region',
      `${where} is in another region${region === undefined ? '' : `: set aws.region to ${region}`}. Check aws.region (default: kinesis.region).`,
    )
  if (/KMS/i.test(name) || (status >= 400 && status < 500 && /\bkms\b|kms:/i.test(fault.message ?? '')))
    return make(
      's3_kms',
      `${where}: the KMS key cannot be used: ${messageOf(error)}. Check s3.kmsKey; the role needs kms:GenerateDataKey and kms:Decrypt.`,
    )
  if (CREDENTIALS.test(name))
    return make(
      's3_credentials',
      `${where}: AWS takes no credentials of this process (${name}): set AWS_PROFILE or AWS_ACCESS_KEY_ID, or run where a role is attached.`,
    )
  if (name === 'RequestTimeTooSkewed')
    return make('s3_clock', `${where}: the clock of this machine is wrong, AWS refuses its requests. Set the time.`)
  if (status === 403) return make('s3_denied', `AWS refuses ${where}: ${messageOf(error)}. The role needs ${NEEDED}.`)
  if (status === 409) return make('s3_conflict', `${where}: another writer was at the same object; tried again`, true)
  if (status === 501)
    return make(
      's3_not_implemented',
      `${where}: the server does not know conditional writes (If-None-Match), without which the archive is not safe. Use S3, or a server that has them.`,
    )
  if (status === 429 || status === 503 || BUSY.test(name))
    return make('s3_busy', `${where}: is busy or away (${status === 0 ? name : status}); tried again more slowly`, true)
  // A 5xx of a proxy comes with a page that the SDK cannot read.
  if (status >= 500) return make('s3_unavailable', `${where}: answers ${status}`, true)
  return make('s3_error', `${where}: ${messageOf(error)}`, status === 0)
}

/** The region of the bucket, where the refusal names it. */
const regionIn = (fault: S3Fault): string | undefined =>
  fault.$response?.headers?.['x-amz-bucket-region'] ?? /expecting '([a-z0-9-]{1,40})'/.exec(fault.message ?? '')?.[1]
