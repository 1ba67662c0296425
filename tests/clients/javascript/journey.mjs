// The happy path of the three APIs with AWS's own JavaScript clients; prints one JSON object of what it saw.
//
//   node journey.mjs <endpoint> <bucket> <campaign ARN of a trained model> <tracking id> <filter ARN with $CATEGORY>
import {
  CreateDatasetCommand,
  CreateDatasetGroupCommand,
  CreateDatasetImportJobCommand,
  CreateSchemaCommand,
  DeleteDatasetCommand,
  DeleteDatasetGroupCommand,
  DeleteSchemaCommand,
  DescribeDatasetCommand,
  DescribeDatasetGroupCommand,
  DescribeDatasetImportJobCommand,
  DescribeSchemaCommand,
  ListSchemasCommand,
  PersonalizeClient,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
  paginateListRecipes,
} from "@aws-sdk/client-personalize";
import { PersonalizeEventsClient, PutEventsCommand } from "@aws-sdk/client-personalize-events";
import {
  GetPersonalizedRankingCommand,
  GetRecommendationsCommand,
  PersonalizeRuntimeClient,
} from "@aws-sdk/client-personalize-runtime";

const [endpoint, bucket, campaignArn, trackingId, filterArn] = process.argv.slice(2);
const credentials = { accessKeyId: "000000000000", secretAccessKey: "test" };
const settings = { endpoint, region: "us-east-1", credentials, maxAttempts: 1 };
const personalize = new PersonalizeClient(settings);
const runtime = new PersonalizeRuntimeClient(settings);
const events = new PersonalizeEventsClient(settings);
const schema = JSON.stringify({
  type: "record",
  name: "Interactions",
  namespace: "com.amazonaws.personalize.schema",
  fields: [
    { name: "USER_ID", type: "string" },
    { name: "ITEM_ID", type: "string" },
    { name: "EVENT_TYPE", type: "string" },
    { name: "TIMESTAMP", type: "long" },
  ],
  version: "1.0",
});

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function untilActive(describe) {
  const seen = [];
  for (;;) {
    const { status, failureReason } = await describe();
    if (seen.at(-1) !== status) seen.push(status);
    if (status === "ACTIVE") return seen;
    if (status.includes("FAILED")) throw new Error(failureReason);
    await sleep(50);
  }
}

async function untilGone(describe) {
  for (;;) {
    try {
      await describe();
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return;
      throw error;
    }
    await sleep(50);
  }
}

async function errorOf(promise) {
  try {
    await promise;
  } catch (error) {
    return { name: error.name, status: error.$metadata.httpStatusCode, message: error.message, error };
  }
  throw new Error("it should have failed");
}

const name = "javascript";
const { schemaArn } = await personalize.send(new CreateSchemaCommand({ name, schema }));
const taken = await errorOf(personalize.send(new CreateSchemaCommand({ name, schema })));
const described = (await personalize.send(new DescribeSchemaCommand({ schemaArn }))).schema;
const { datasetGroupArn } = await personalize.send(
  new CreateDatasetGroupCommand({ name, tags: [{ tagKey: "by", tagValue: "JavaScript" }] }),
);
const describeGroup = async () =>
  (await personalize.send(new DescribeDatasetGroupCommand({ datasetGroupArn }))).datasetGroup;
const groupStatuses = await untilActive(describeGroup);
const { datasetArn } = await personalize.send(
  new CreateDatasetCommand({ name, schemaArn, datasetGroupArn, datasetType: "Interactions" }),
);
const describeDataset = async () => (await personalize.send(new DescribeDatasetCommand({ datasetArn }))).dataset;
await untilActive(describeDataset);
const { datasetImportJobArn } = await personalize.send(
  new CreateDatasetImportJobCommand({
    jobName: name,
    datasetArn,
    dataSource: { dataLocation: `s3://${bucket}/interactions.csv` },
    roleArn: "arn:aws:iam::000000000000:role/personalize",
  }),
);
const importStatuses = await untilActive(
  async () =>
    (await personalize.send(new DescribeDatasetImportJobCommand({ datasetImportJobArn }))).datasetImportJob,
);

const recipes = [];
let pageCount = 0;
for await (const page of paginateListRecipes({ client: personalize, pageSize: 4 }, {})) {
  pageCount += 1;
  recipes.push(...page.recipes.map((recipe) => recipe.name));
}
const badToken = await errorOf(personalize.send(new ListSchemasCommand({ nextToken: "nobody gave this" })));
const tooLarge = await errorOf(personalize.send(new ListSchemasCommand({ maxResults: 101 })));

const before = await runtime.send(new GetRecommendationsCommand({ campaignArn, userId: "reader-1", numResults: 10 }));
const filtered = await runtime.send(
  new GetRecommendationsCommand({ campaignArn, userId: "reader-1", filterArn, filterValues: { CATEGORY: '"arts"' } }),
);
const ranking = await runtime.send(
  new GetPersonalizedRankingCommand({ campaignArn, userId: "reader-1", inputList: ["article-01", "article-02"] }),
).catch((error) => ({ refused: error.name }));
const missing = await errorOf(
  runtime.send(new GetRecommendationsCommand({ campaignArn: campaignArn + "-missing", userId: "reader-1" })),
);
await events.send(
  new PutEventsCommand({
    trackingId,
    userId: "javascript-reader",
    sessionId: "javascript",
    eventList: [
      {
        eventType: "click",
        sentAt: new Date(),
        itemId: "article-01",
        properties: { anything: 12.5 },
        recommendationId: before.recommendationId,
      },
    ],
  }),
);
const unknownTracker = await errorOf(
  events.send(
    new PutEventsCommand({
      trackingId: "nobody",
      sessionId: "s",
      eventList: [{ eventType: "click", sentAt: new Date(), itemId: "article-01" }],
    }),
  ),
);

await personalize.send(new DeleteDatasetCommand({ datasetArn }));
await untilGone(describeDataset);
await personalize.send(new DeleteDatasetGroupCommand({ datasetGroupArn }));
await untilGone(describeGroup);
await personalize.send(new DeleteSchemaCommand({ schemaArn }));

console.log(
  JSON.stringify({
    schemaIsKept: described.schema === schema,
    createdAtIsDate: described.creationDateTime instanceof Date,
    takenIsTyped: taken.error instanceof ResourceAlreadyExistsException,
    groupStatuses,
    importStatuses,
    recipes,
    pageCount,
    badToken: badToken.name,
    tooLarge: tooLarge.name,
    items: before.itemList.map((item) => item.itemId),
    scoresAreNumbers: before.itemList.every((item) => typeof item.score === "number"),
    recommendationId: before.recommendationId,
    filtered: filtered.itemList.map((item) => item.itemId),
    ranking: ranking.refused ?? ranking.personalizedRanking.length,
    missing: { name: missing.name, status: missing.status },
    unknownTracker: { name: unknownTracker.name, status: unknownTracker.status },
  }),
);
