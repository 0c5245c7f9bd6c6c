/** Frames of Express 4, Nest 10, pg, axios and Node itself, innermost first. */

const at = (...frames: string[]): string => frames.map((frame) => `\n    at ${frame}`).join('')

export const TASK_QUEUE = at('process.processTicksAndRejections (node:internal/process/task_queues:~95:5)')

export const EXPRESS = at(
  'Layer.handle [as handle_request] (/app/node_modules/express/lib/router/layer.js:~95:5)',
  'next (/app/node_modules/express/lib/router/route.js:~149:13)',
  'Route.dispatch (/app/node_modules/express/lib/router/route.js:~119:3)',
  '/app/node_modules/express/lib/router/index.js:~284:15',
  'router.process_params (/app/node_modules/express/lib/router/index.js:~346:12)',
  'next (/app/node_modules/express/lib/router/index.js:~280:10)',
)

export const NEST = at(
  '/app/node_modules/@nestjs/core/router/router-execution-context.js:~46:28',
  '/app/node_modules/@nestjs/core/router/router-proxy.js:~9:17',
)

export const PG_PARSER = at(
  'Parser.parseErrorMessage (/app/node_modules/pg-protocol/dist/parser.js:~283:98)',
  'Parser.handlePacket (/app/node_modules/pg-protocol/dist/parser.js:~122:29)',
  'Parser.parse (/app/node_modules/pg-protocol/dist/parser.js:~35:38)',
  'Socket.<anonymous> (/app/node_modules/pg-protocol/dist/index.js:~11:42)',
  'Socket.emit (node:events:~518:28)',
  'addChunk (node:internal/streams/readable:~561:12)',
  'readableAddChunkPushByteMode (node:internal/streams/readable:~512:3)',
  'Readable.push (node:internal/streams/readable:~392:5)',
  'TCP.onStreamRead (node:internal/stream_base_commons:~189:23)',
)

export const AXIOS_REJECT = at(
  'AxiosError.from (/app/node_modules/axios/dist/node/axios.cjs:~863:14)',
  'RedirectableRequest.handleRequestError (/app/node_modules/axios/dist/node/axios.cjs:~3170:25)',
  'RedirectableRequest.emit (node:events:~518:28)',
  'eventHandlers.<computed> (/app/node_modules/follow-redirects/index.js:~49:24)',
  'ClientRequest.emit (node:events:~518:28)',
  'emitErrorEvent (node:_http_client:~104:11)',
  'TLSSocket.socketErrorListener (node:_http_client:~512:5)',
)

export const frames = at
