// Entry point of the function: handler "deploy/lambda/handler.handler", runtime nodejs24.x.
import { lambdaHandler } from '../../src/app/lambda.ts'

export const handler = lambdaHandler()
