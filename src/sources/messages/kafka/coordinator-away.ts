import { kafkaErrorType } from '../../../kafka.ts';

const names = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSBrokerNotFound',
]);
const types = new Set(['NOT_COORDINATOR_FOR_GROUP', 'GROUP_COORDINATOR_NOT_AVAILABLE']);

/** Whether an error of a request to the coordinator of a group says that it is down, or that another one is it now. */
export function isCoordinatorAway(error: unknown): boolean {
  return error instanceof Error && (names.has(error.name) || types.has(kafkaErrorType(error) ?? ''));
}
