import type { ProviderTrial } from './trial.ts'

// docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
const assumed = {
  headers: { 'content-type': 'text/xml' },
  body: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
    <Credentials>
      <AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId>
      <SecretAccessKey>wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY</SecretAccessKey>
      <SessionToken>AQoDYXdzEPT4EXAMPLE</SessionToken>
      <Expiration>2026-07-01T13:00:00Z</Expiration>
    </Credentials></AssumeRoleResult></AssumeRoleResponse>`,
}

const denied = {
  status: 403,
  headers: { 'content-type': 'text/xml' },
  body: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code>
    <Message>User: arn:aws:iam::111122223333:user/ada is not authorized to perform: sts:AssumeRole</Message></Error></ErrorResponse>`,
}

const forbidden = {
  status: 400,
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body: '{"__type":"AccessDeniedException","message":"The role is not authorized to perform: cloudtrail:ListTrails"}',
}

const events = (id: string, time: number, more: object = {}) => ({
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body: JSON.stringify({
    Events: [{ EventId: id, EventName: 'ConsoleLogin', EventTime: time, Username: 'ada', Resources: [] }],
    ...more,
  }),
})

export const trial: ProviderTrial = {
  credential: {
    fields: {
      access_key_id: 'AKIAIOSFODNN7EXAMPLE',
      secret_access_key: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      role_arn: 'arn:aws:iam::123456789012:role/reader',
    },
  },
  renewal: { answer: assumed, accessToken: 'ASIAIOSFODNN7EXAMPLE', lifetimeSeconds: 3600 },
  refusals: [{ what: 'renewal', answer: denied, reason: 'INVALID_GRANT', says: 'sts:AssumeRole' }],
  hints: [
    {
      what: 'renewal',
      answer: denied,
      says: 'User: arn:aws:iam::111122223333:user/ada is not authorized to perform: sts:AssumeRole',
      cause: 'may not be assumed',
    },
    {
      what: 'request',
      answer: forbidden,
      says: 'The role is not authorized to perform: cloudtrail:ListTrails',
      cause: 'lacks a permission',
    },
  ],
  test: {
    asks: 'POST cloudtrail.eu-central-1.amazonaws.com/',
    headers: {
      'x-amz-target': 'CloudTrail_20131101.ListTrails',
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-security-token': 'AQoDYXdzEPT4EXAMPLE',
    },
    good: { body: { Trails: [] } },
    refused: { answer: forbidden, says: 'The role is not authorized to perform: cloudtrail:ListTrails' },
  },
  streams: [
    {
      name: 'events',
      pages: [events('7d3b0a2e', 1782900000, { NextToken: 'kbOt5LlZe' }), events('1f2e3d4c', 1782890000.5)],
      keys: ['7d3b0a2e', '1f2e3d4c'],
      asksFor: 'kbOt5LlZe',
      limited: {
        status: 400,
        headers: { 'content-type': 'application/x-amz-json-1.1' },
        body: '{"__type":"ThrottlingException","message":"Rate exceeded"}',
      },
    },
  ],
}
