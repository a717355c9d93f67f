import { posix } from 'node:path';
import { type ESTree, parseSync, Visitor } from 'vite';

/** Paths from the root of the repository, such as `src/model/draw.ts`, with their text. */
export type SourceFiles = ReadonlyMap<string, string>;

/**
 * Who may import which folder of src: `value` allows everything, `type` only what is gone when the program runs. The
 * nouns beside main.ts are open to everybody, as is a folder to itself; what is not named is forbidden.
 */
const allowed: Readonly<Record<string, Readonly<Record<string, 'value' | 'type'>>>> = {
  root: {},
  sources: {},
  model: {},
  sinks: {},
  pipeline: { sources: 'type', model: 'type', sinks: 'type' },
  training: { model: 'value', sources: 'value' },
  commands: { sources: 'value', model: 'value', sinks: 'value', pipeline: 'value', training: 'value' },
  main: { sources: 'value', model: 'value', sinks: 'value', pipeline: 'value', training: 'value', commands: 'value' },
};

/** The one home of each third party. */
const homes: readonly (readonly [packages: RegExp, home: RegExp])[] = [
  [/^rxjs(\/|$)/, /^src\/pipeline\//],
  [/^@tensorflow\//, /^src\/(model|training)\//],
  [/^geotiff(\/|$)/, /^src\/sources\//],
  [/^aws4fetch$/, /^src\/sources\/places\//],
  [/^koffi$/, /^src\/sources\/tiff\/turbo-jpeg-library\.ts/],
  [/^kafkajs(\/|$)/, /^src\/(sources\/messages\/kafka\/|sinks\/kafka-|expect-kafkajs\.ts)/],
  [/^prom-client(\/|$)/, /^src\/sinks\//],
];

/** Every breach of the house rules, each as a line that starts with the file. */
export function houseViolations(files: SourceFiles): string[] {
  const modules = [...files].map(([path, text]) => readModule(path, text));
  return [...modules.flatMap(importViolations), ...modules.flatMap(wordViolations), ...cycles(modules)];
}

type Import = { readonly to: string; readonly typeOnly: boolean };
type Module = {
  readonly path: string;
  readonly imports: readonly Import[];
  readonly readsEnvironment: boolean;
  readonly makesObservable: boolean;
  readonly hasDefaultExport: boolean;
};

function importViolations({ path, imports }: Module): string[] {
  return imports.flatMap(({ to, typeOnly }) => {
    const reason = to.startsWith('src/') ? folderBreach(path, to, typeOnly) : homeBreach(path, to);
    return reason ? [`${path} imports ${to}: ${reason}`] : [];
  });
}

function folderBreach(path: string, to: string, typeOnly: boolean): string | undefined {
  const [from, target] = [folderOf(path), folderOf(to)];
  if (target === from || target === 'root') return undefined;
  const right = allowed[from]?.[target];
  if (right === undefined) return `${from} may not know ${target}`;
  if (right === 'type' && !typeOnly) return `${from} knows ${target} by its types only`;
  return undefined;
}

function homeBreach(path: string, to: string): string | undefined {
  const [, home] = homes.find(([packages]) => packages.test(to)) ?? [];
  return home === undefined || home.test(path) ? undefined : `its home is ${home.source}`;
}

function folderOf(path: string): string {
  const [, first = '', ...rest] = path.split('/');
  if (rest.length > 0) return first;
  return first === 'main.ts' ? 'main' : 'root';
}

function wordViolations(module: Module): string[] {
  const { path } = module;
  return [
    ...(module.readsEnvironment && path !== 'src/main.ts' ? [`${path} reads process.env: only main.ts does`] : []),
    ...(module.makesObservable && path !== 'src/pipeline/rx.ts'
      ? [`${path} makes a new Observable: only pipeline/rx.ts does`]
      : []),
    ...(module.hasDefaultExport ? [`${path} has a default export`] : []),
  ];
}

/** Imports that are there at run time must form no ring; one line for each file from which a ring is entered. */
function cycles(modules: readonly Module[]): string[] {
  const next = new Map(modules.map(({ path, imports }) => [path, imports.filter((i) => !i.typeOnly).map((i) => i.to)]));
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): string[] => {
    if (trail.includes(path)) return [`${[...trail.slice(trail.indexOf(path)), path].join(' → ')}: a ring of imports`];
    if (done.has(path)) return [];
    const found = (next.get(path) ?? []).flatMap((to) => visit(to, [...trail, path]));
    done.add(path);
    return found;
  };
  return modules.flatMap(({ path }) => visit(path, []));
}

function readModule(path: string, text: string): Module {
  const { program, errors } = parseSync(path, text);
  if (errors[0]) throw new Error(`${path}: ${errors[0].message}`);
  const imports: Import[] = [];
  const seen = { readsEnvironment: false, makesObservable: false, hasDefaultExport: false };
  const add = (node: ESTree.Expression | ESTree.StringLiteral | null | undefined, typeOnly: boolean) => {
    if (node?.type !== 'Literal' || typeof node.value !== 'string') return;
    const to = node.value.startsWith('.') ? posix.join(posix.dirname(path), node.value) : node.value;
    imports.push({ to, typeOnly });
  };
  new Visitor({
    // `import { type A }` is not type-only: verbatimModuleSyntax leaves `import {}`, which still loads the module.
    ImportDeclaration: (node) => {
      add(node.source, node.importKind === 'type');
      const names = node.specifiers.map((s) => (s.type === 'ImportSpecifier' ? nameOf(s.imported) : undefined));
      if (/^(node:)?process$/.test(node.source.value) && names.includes('env')) seen.readsEnvironment = true;
    },
    ExportAllDeclaration: (node) => add(node.source, node.exportKind === 'type'),
    ExportNamedDeclaration: (node) => {
      add(node.source, node.exportKind === 'type');
      if (node.specifiers.some(({ exported }) => nameOf(exported) === 'default')) seen.hasDefaultExport = true;
    },
    ImportExpression: (node) => add(node.source, false),
    TSImportType: (node) => add(node.source, true),
    CallExpression: ({ callee, arguments: [first] }) => {
      if (nameOf(callee) === 'require' && first?.type === 'Literal') add(first, false);
    },
    ExportDefaultDeclaration: () => {
      seen.hasDefaultExport = true;
    },
    NewExpression: ({ callee }) => {
      if (nameOf(callee) === 'Observable') seen.makesObservable = true;
    },
    MemberExpression: ({ object, property }) => {
      const owner = object.type === 'MemberExpression' ? object.property : object; // globalThis.process
      if (nameOf(owner) === 'process' && nameOf(property) === 'env') seen.readsEnvironment = true;
    },
    VariableDeclarator: ({ id, init }) => {
      if (nameOf(init) !== 'process' || id.type !== 'ObjectPattern') return;
      if (id.properties.some((p) => p.type === 'Property' && nameOf(p.key) === 'env')) seen.readsEnvironment = true;
    },
  }).visit(program);
  return { path, imports, ...seen };
}

/** The word that an identifier or a string literal stands for. */
function nameOf(node: { type: string; name?: unknown; value?: unknown } | null | undefined): unknown {
  if (node?.type === 'Identifier') return node.name;
  return node?.type === 'Literal' ? node.value : undefined;
}
