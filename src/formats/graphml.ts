import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { EgressoError } from '../errors.ts';
import { FaultList, shown } from '../model/fault-list.ts';
import { MAX_MEASURE } from '../model/read-column.ts';
import { lineFault } from './line-fault.ts';

/** A GraphML graph as it is written; what is missing is null. Coordinates are in degrees. */
export interface Graph {
  /** The graph's `label` or `Network`, or null. */
  readonly name: string | null;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  readonly hyperedgeCount: number;
}

export interface GraphNode {
  readonly id: string;
  readonly label: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
}

export interface GraphEdge {
  /** Indices into `nodes`. */
  readonly from: number;
  readonly to: number;
  readonly directed: boolean;
  readonly metric: number | null;
}

/** Edge attributes that count as IGP metric, in any case of letters; the first that an edge carries is taken. */
export const METRIC_ATTRIBUTES = ['metric', 'igp', 'igpmetric', 'cost', 'weight'] as const;

/** What fast-xml-parser makes of a tag with attributes. */
type Element = { readonly [name: string]: unknown };

/** Name of an attribute and its default, by the id that `<data key>` uses. */
type Keys = ReadonlyMap<string, { readonly name: string; readonly fallback: string | null }>;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  removeNSPrefix: true,
  captureMetaData: true,
  htmlEntities: true,
  maxNestedTags: 32,
  isArray: (name) => ['graph', 'node', 'edge', 'hyperedge', 'data', 'key'].includes(name),
});
const META = XMLParser.getMetaDataSymbol() as unknown as string;

/**
 * Reads a GraphML document (the first graph of it). Document type declarations are refused, so no entity of a file's
 * own is ever expanded and nothing outside of the file is read.
 *
 * @throws EgressoError FORMAT_INVALID, with `/line/N` pointers.
 */
export function parseGraphml(text: string, name = 'the topology'): Graph {
  // The parser counts in normalized text; line numbers have to come from the same.
  const xml = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const root = parseXml(xml, name);
  const graphml = asElement(root.graphml);
  const graph = asElement(elementsOf(graphml?.graph)[0]);
  if (graphml === null || graph === null) {
    throw lineFault(name, 1, 'there is no <graphml> with a <graph> that has nodes');
  }
  const faults = new FaultList();
  const lineOf = lineCounter(xml);
  const keys = readKeys(graphml);
  const nodes = readNodes(graph, keys, lineOf, faults);
  const edges = readEdges(graph, keys, nodes, lineOf, faults);
  if (nodes.length === 0) faults.add(`/line/${lineOf(graph)}`, 'the graph has no nodes');
  if (faults.count > 0) throw faults.toError('FORMAT_INVALID', name);
  const about = attributesOf(graph, keys.get('graph') ?? new Map());
  return {
    name: about.get('label') ?? about.get('network') ?? null,
    nodes,
    edges,
    hyperedgeCount: elementsOf(graph.hyperedge).length,
  };
}

function parseXml(xml: string, name: string): Element {
  const doctype = xml.search(/<!DOCTYPE/i);
  if (doctype >= 0) {
    throw lineFault(name, countLines(xml, 0, doctype) + 1, 'a document type declaration is not accepted');
  }
  try {
    const verdict = XMLValidator.validate(xml);
    if (verdict !== true) throw lineFault(name, verdict.err.line, verdict.err.msg);
    return asElement(parser.parse(xml)) ?? {};
  } catch (error) {
    if (error instanceof EgressoError) throw error;
    throw lineFault(name, 1, error instanceof Error ? error.message : String(error));
  }
}

function readKeys(graphml: Element): ReadonlyMap<string, Keys> {
  const byDomain = new Map([...['graph', 'node', 'edge'].map((domain) => [domain, new Map()] as const)]);
  for (const key of elementsOf(graphml.key)) {
    const element = asElement(key);
    const id = asText(element?.['@id']);
    const name = asText(element?.['@attr.name']);
    if (id === null || name === null) continue;
    const domain = asText(element?.['@for']) ?? 'all';
    for (const [target, keys] of byDomain) {
      if (domain === target || domain === 'all') {
        keys.set(id, { name: name.toLowerCase(), fallback: asText(element?.default) });
      }
    }
  }
  return byDomain;
}

function readNodes(
  graph: Element,
  keys: ReadonlyMap<string, Keys>,
  lineOf: (element: Element) => number,
  faults: FaultList,
): GraphNode[] {
  const seen = new Set<string>();
  return elementsOf(graph.node).map((item) => {
    const element = asElement(item) ?? {};
    const pointer = `/line/${lineOf(element)}`;
    const id = asText(element['@id']);
    if (id === null) faults.add(pointer, 'a node has no id');
    else if (seen.has(id)) faults.add(pointer, `node id ${shown(id)} occurs twice`);
    seen.add(id ?? '');
    const data = attributesOf(element, keys.get('node') ?? new Map());
    const degrees = (name: string, bound: number): number | null => {
      const value = data.get(name);
      if (value === undefined) return null;
      const number = toNumber(value);
      if (Math.abs(number) <= bound) return number;
      faults.add(pointer, `${name} ${shown(value)} of node ${shown(id ?? '')} is no number from -${bound} to ${bound}`);
      return null;
    };
    return {
      id: id ?? '',
      label: data.get('label') ?? null,
      latitude: degrees('latitude', 90),
      longitude: degrees('longitude', 180),
    };
  });
}

function readEdges(
  graph: Element,
  keys: ReadonlyMap<string, Keys>,
  nodes: readonly GraphNode[],
  lineOf: (element: Element) => number,
  faults: FaultList,
): GraphEdge[] {
  const indexOf = new Map(nodes.map((node, index) => [node.id, index]));
  const directedByDefault = graph['@edgedefault'] === 'directed';
  return elementsOf(graph.edge).map((item) => {
    const element = asElement(item) ?? {};
    const pointer = `/line/${lineOf(element)}`;
    const endOf = (side: 'source' | 'target'): number => {
      const id = asText(element[`@${side}`]);
      const index = id === null ? undefined : indexOf.get(id);
      if (index === undefined) faults.add(pointer, `${side} ${shown(id ?? '')} of an edge is no node`);
      return index ?? 0;
    };
    const data = attributesOf(element, keys.get('edge') ?? new Map());
    const attribute = METRIC_ATTRIBUTES.find((name) => data.has(name));
    const written = attribute === undefined ? undefined : data.get(attribute);
    const metric = written === undefined ? null : toNumber(written);
    if (metric !== null && !(metric >= 0 && metric <= MAX_MEASURE)) {
      faults.add(pointer, `${attribute} ${shown(written ?? '')} of an edge is no number from 0 to ${MAX_MEASURE}`);
    }
    const directed = element['@directed'];
    return {
      from: endOf('source'),
      to: endOf('target'),
      directed: directed === undefined ? directedByDefault : directed === 'true',
      metric,
    };
  });
}

/** The `<data>` of an element by lower-case attribute name, defaults filled in; empty text counts as missing. */
function attributesOf(element: Element, keys: Keys): Map<string, string> {
  const values = new Map<string, string>();
  for (const { name, fallback } of keys.values()) if (fallback !== null) values.set(name, fallback);
  for (const item of elementsOf(element.data)) {
    const data = asElement(item);
    const key = keys.get(asText(data?.['@key']) ?? '');
    const value = asText(data?.['#text']);
    if (key !== undefined && value !== null) values.set(key.name, value);
  }
  return values;
}

function elementsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function asElement(value: unknown): Element | null {
  return typeof value === 'object' && value !== null ? (value as Element) : null;
}

function asText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function toNumber(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

/** Line of an element; elements are asked for in the order of the file, so each stretch is counted once. */
function lineCounter(xml: string): (element: Element) => number {
  let line = 1;
  let end = 0;
  return (element) => {
    const start = (element[META] as { startIndex?: number } | undefined)?.startIndex ?? 0;
    if (start < end) return countLines(xml, 0, start) + 1;
    line += countLines(xml, end, start);
    end = start;
    return line;
  };
}

function countLines(xml: string, from: number, to: number): number {
  let count = 0;
  for (let i = xml.indexOf('\n', from); i >= 0 && i < to; i = xml.indexOf('\n', i + 1)) count++;
  return count;
}
