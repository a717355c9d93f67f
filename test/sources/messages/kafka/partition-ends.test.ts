import { Kafka, logLevel } from 'kafkajs';
import { describe, it, onTestFinished } from 'vitest';
import { GroupPartitions } from '../../../../src/sources/messages/kafka/group-partitions.ts';
import { PartitionEnds } from '../../../../src/sources/messages/kafka/partition-ends.ts';
import { startKafka } from '../../../setup/kafka-broker.ts';
import { KafkaTopics, until } from '../../../setup/kafka-topics.ts';
import { parts } from '../../../setup/parts.ts';

describe.skipIf(!parts.kafka)('PartitionEnds, needs kafka', () => {
  it('tells where our partitions end, whether they are read or not', async () => {
    const broker = await startKafka();
    onTestFinished(() => broker.stop());
    const topics = new KafkaTopics(broker.brokers);
    await topics.create(['scenes'], 3);
    const partitions = new GroupPartitions();
    partitions.assign({ memberId: 'member', generation: 1, assignment: { scenes: [0, 2] } }, () => undefined);
    const admin = new Kafka({ brokers: broker.brokers, logLevel: logLevel.NOTHING }).admin();
    const ends = new PartitionEnds(admin, ['scenes'], partitions, () => {});
    const known = async (wanted: string) => {
      await ends.refresh();
      return [...partitions].map(({ id, end }) => `${id}: ${end}`).join(', ') === wanted;
    };
    await until('the ends', () => known('0: 0, 2: 0'));
    const message = (partition: number) => ({ value: 'x', partition });
    await topics.send('scenes', [0, 0, 1, 1, 2].map(message));
    await until('the new ends', () => known('0: 2, 2: 1'));
    await ends.close();
  });
});
