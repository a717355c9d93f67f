import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { RETRY_TOPIC, retryTopics } from './retry-topics.ts';

/** The model that comes with the package. */
export const bundledModel = fileURLToPath(new URL('../models/harbour', import.meta.url));

const seconds = z.number().positive().max(86_400);
const text = z.string().min(1);
const topic = z
  .string()
  .regex(/^[a-zA-Z0-9._-]{1,249}$/, 'expected a Kafka topic name: letters, digits, ".", "_", "-"');

const kafka = z.strictObject({
  brokers: z
    .array(z.string().regex(/^[^\s,:]+:\d+$/, 'expected host:port'))
    .default([])
    .describe('Brokers to start from, as host:port; none: messages come as JSON lines'),
  group: text.default('saccade').describe('Consumer group'),
  inputTopic: topic.default('scenes').describe('Topic that scene messages are taken from'),
  outputTopic: topic.default('classifications').describe('Topic that events are sent to'),
  deadLetterTopic: topic.default('scenes-failed').describe('Topic that messages go to whose scene failed'),
  retryTopics: z
    .array(z.string().regex(RETRY_TOPIC, 'expected a delay such as 10m, or topic=10m'))
    .max(10)
    .default([])
    .describe(
      'Where messages wait whose failure may pass, one after the other: `1m,10m` stands for the topics `<inputTopic>.retry.1m` and `.10m`, `later=5m` for the topic `later`; none: they become dead letters',
    ),
  sessionSeconds: seconds.min(1).default(30).describe('Time without a heartbeat after which the group moves on'),
  commitSeconds: seconds.default(0.1).describe('Time between commits of offsets'),
  connectSeconds: seconds
    .default(10)
    .describe('Time at the start until a broker must have answered; one that is starting as well is waited for'),
  sendSeconds: seconds
    .default(60)
    .describe('Time that one try to send an outcome may take; it is tried again until its topic takes it'),
  prefetch: z
    .int()
    .min(1)
    .max(500)
    .default(16)
    .describe('Messages of one partition that are held at once, begun or waiting for a lane'),
  delivery: z
    .enum(['at-least-once', 'exactly-once'])
    .default('at-least-once')
    .describe(
      'exactly-once: an outcome and the offset of its message are committed in one transaction, which consumers see that read what is committed; all members of the group must have it',
    ),
  ordering: z
    .enum(['unordered', 'key', 'partition'])
    .default('unordered')
    .describe(
      'Messages worked on side by side: all; all but those of one key, which are in order; or those of a partition in order',
    ),
});

const host = z.string().regex(/^(\*\.)?[^\s/*:@?#]+$/, 'expected a host, such as example.org or *.example.org');

const sources = z.strictObject({
  allowPrivate: z
    .boolean()
    .default(false)
    .describe('Whether messages may name http:, loopback and private addresses, at any port'),
  privateOrigins: z
    .array(z.string().regex(/^https?:\/\/[^\s/?#@]+$/, 'expected an origin, such as http://minio:9000'))
    .default([])
    .describe('Origins, such as http://minio:9000, that may be private; all others stay public ones'),
  ports: z
    .array(z.preprocess((port) => (typeof port === 'string' ? Number(port) : port), z.int().min(1).max(65_535)))
    .default([443])
    .describe('Ports of public addresses that messages may name'),
  allowHosts: z
    .array(host)
    .default([])
    .describe('Hosts that messages may name, *.example.org for all below one; none: every host'),
  denyHosts: z.array(host).default([]).describe('Hosts that they may not name, whatever is allowed'),
  buckets: z
    .array(z.string().regex(/^(s3|gs|az):\/\/[^\s/]+$/, 'expected a bucket, such as s3://scenes'))
    .default([])
    .describe('Buckets that s3:, gs: and az: hrefs may name, such as s3://scenes; none: every bucket'),
  hosts: z
    .record(
      z.string().regex(/^(https?:\/\/)?[^\s/?#@]+$/, 'expected a host or an origin'),
      z.strictObject({ headers: z.record(text, z.string()).default({}), query: z.string().default('') }),
    )
    .default({})
    .describe(
      'What single hosts are shown, such as {"a.example": {"headers": {"authorization": "Bearer …"}, "query": "sig=…"}}',
    ),
  roots: z.array(text).default([]).describe('Folders under which file: hrefs may be read; none: no file may'),
  timeoutSeconds: seconds.default(30).describe('Time one read may take'),
  maxConnections: z.int().min(1).max(1024).default(16).describe('Connections to one origin'),
  firstReadBytes: z
    .int()
    .min(1024)
    .max(2 ** 24)
    .default(32_768)
    .describe('Bytes of the first read of a file, which shall hold its header, where nothing better is known'),
  twoTrips: z
    .boolean()
    .default(false)
    .describe('Read overviews with the header, by a guess that is learned: a trip less, for some bytes more'),
  headerCacheBytes: z.int().min(0).default(64_000_000).describe('Memory for headers of files that may be read again'),
});

const scenes = z.strictObject({
  anyResolution: z
    .boolean()
    .default(false)
    .describe('Classify at the finest level, whatever ground size the model was trained at'),
  assetKeys: z.array(text).default(['visual', 'image', 'data']).describe('Assets of a STAC Item to use, best first'),
  maxMessageBytes: z
    .int()
    .min(1)
    .default(2 ** 20)
    .describe('A longer message is refused'),
  maxOverviewBytes: z
    .int()
    .min(1)
    .default(64_000_000)
    .describe('Decoded pixels that may be read for an overview, at a byte a sample'),
});

const deadlineSeconds = z.strictObject({
  open: seconds.default(60).describe('Time for reading a header and an overview'),
  attend: seconds.default(60).describe('Time for the attention network'),
  fetch: seconds.default(120).describe('Time for reading the patches'),
  look: seconds.default(60).describe('Time for the feature network and the head'),
});

const budget = z.strictObject({
  megabytes: z.number().positive().default(256).describe('Megabytes that one try of a scene may read'),
  requests: z.int().min(1).default(2000).describe('Requests that one try of a scene may make'),
  seconds: seconds.default(900).describe('Time that a scene may take, all tries and their pauses included'),
});

const circuit = z.strictObject({
  failures: z
    .int()
    .min(1)
    .max(1000)
    .default(5)
    .describe('Tries in a row that find a host unreachable, after which only one at a time is made, as a probe'),
  probeSeconds: seconds.default(30).describe('Longest time between two probes of a host that is down'),
});

const retry = z.strictObject({
  attempts: z.int().min(1).max(100).default(4).describe('Tries in all of a scene whose failure may pass'),
  baseSeconds: seconds.default(0.5).describe('Longest pause before the second try; it doubles with each further one'),
  maxSeconds: seconds.default(30).describe('No pause is longer'),
});

/**
 * Every setting of the service: its name, its limits, its default and what it is for. `load-config.ts` fills it from a
 * file and the environment; each part of Saccade is handed only its own slice.
 */
export const configSchema = z
  .strictObject({
    model: text.default(bundledModel).describe('Model directory'),
    backend: z
      .enum(['auto', 'tensorflow', 'webgpu', 'wasm', 'cpu'])
      .default('auto')
      .describe(
        'What the networks run on; auto: tensorflow where it is installed, webgpu where there is a GPU, else wasm',
      ),
    threads: z
      .int()
      .min(1)
      .max(256)
      .optional()
      .describe('Inference threads, each with its own copy of the networks; none: one per core, at most 4'),
    lanes: z.int().min(1).max(1024).default(4).describe('Scenes worked on side by side'),
    aside: z
      .int()
      .min(0)
      .max(10_000)
      .default(256)
      .describe(
        'Scenes that may wait without a lane while their host, which is slower than others, has its share of the lanes; more of them leave for a retry topic, or hold up what comes after',
      ),
    seed: z
      .int()
      .min(0)
      .max(2 ** 32 - 1)
      .default(0)
      .describe('Seed of the draws; the same seed looks at the same places'),
    drainSeconds: seconds
      .default(25)
      .describe('Time that begun scenes have to finish after SIGTERM; below the grace of whoever sends it'),
    kafka: kafka.prefault({}),
    sources: sources.prefault({}),
    scenes: scenes.prefault({}),
    deadlineSeconds: deadlineSeconds.prefault({}),
    budget: budget.prefault({}),
    retry: retry.prefault({}),
    circuit: circuit.prefault({}),
    events: z.strictObject({ source: text.default('saccade').describe('`source` of the CloudEvents') }).prefault({}),
    http: z
      .strictObject({
        port: z
          .int()
          .min(0)
          .max(65_535)
          .default(0)
          .describe('Port of /metrics, /livez, /readyz and /startupz; 0: none'),
        host: text.default('0.0.0.0').describe('Address that the port is opened on'),
      })
      .prefault({}),
    log: z
      .strictObject({
        level: z
          .enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'])
          .default('info')
          .describe('Least level of log lines'),
      })
      .prefault({}),
  })
  .superRefine((config, context) => {
    const { inputTopic, outputTopic, deadLetterTopic, ordering } = config.kafka;
    if (ordering !== 'unordered' && config.kafka.retryTopics.length > 0) {
      const message = `with ordering: ${ordering} what may pass is tried again in place, or its order would be lost`;
      context.addIssue({ code: 'custom', path: ['kafka', 'retryTopics'], message });
    }
    const later = retryTopics(inputTopic, config.kafka.retryTopics).map(({ topic }) => topic);
    if (new Set([inputTopic, outputTopic, deadLetterTopic, ...later]).size === 3 + later.length) return;
    const message =
      'inputTopic, outputTopic, deadLetterTopic and retryTopics must be different topics, or messages would go round in circles';
    context.addIssue({ code: 'custom', path: ['kafka'], message });
  });

export type Config = z.infer<typeof configSchema>;
