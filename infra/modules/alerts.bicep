// What wakes somebody: Ear no longer does its work, or is about to lose some. Alerts of a project's own (its key, its clusters) are Ear's
// business and come from the app; these are about the app.
param namePrefix string
param location string
param tags object
param emails string[]
param workspaceId string
param serviceBusId string
param appId string

// In Log Analytics, metrics of the app are rows of AppMetrics; its tags are in Properties. What each metric means: docs/operations/telemetry.md,
// whose rules for Prometheus say the same as these.
var queries = [
  {
    name: 'sweep-late'
    severity: 1
    description: 'No sweep has ended that began in the last 35 minutes: a key that was revoked meanwhile has not stopped its clusters. See docs/operations/deploy.md, "When an alert comes".'
    // An instance tells this only while it has just asked the task hub, so a young one does not hide a late sweep; of two, the least saw the newest one.
    query: 'AppMetrics | where Name == "ear.sweep.lag" | project TimeGenerated, Value = Min'
    aggregation: 'Minimum'
    operator: 'GreaterThan'
    threshold: 2100
    window: 'PT5M'
    dimensions: []
  }
  {
    name: 'shut-downs-suspended'
    severity: 1
    description: 'Too many keys of one provider turned invalid in one sweep; Ear stops none of their clusters until somebody has looked.'
    query: 'AppMetrics | where Name == "ear.shut_downs.suspended" | project TimeGenerated, Value = Sum, Provider = tostring(Properties.provider)'
    aggregation: 'Total'
    operator: 'GreaterThan'
    threshold: 0
    window: 'PT30M'
    dimensions: [{ name: 'Provider', operator: 'Include', values: ['*'] }]
  }
  {
    name: 'nothing-heard'
    severity: 1
    description: 'For half an hour no instance has told when a sweep last finished: the app does not run, its timers do not, it cannot send, or no sweep ever began.'
    query: 'AppMetrics | where Name == "ear.sweep.lag" | project TimeGenerated, Value = Max'
    aggregation: 'Count'
    operator: 'LessThan'
    threshold: 1
    window: 'PT30M'
    dimensions: []
  }
  {
    name: 'dead-letters'
    severity: 2
    description: 'Events could not be delivered to a subscriber after all tries: a mail or a webhook is missing.'
    query: 'AppMetrics | where Name == "ear.dead_letters" | project TimeGenerated, Value = Max, Subscription = tostring(Properties.subscription)'
    aggregation: 'Maximum'
    operator: 'GreaterThan'
    threshold: 0
    window: 'PT15M'
    dimensions: [{ name: 'Subscription', operator: 'Include', values: ['*'] }]
  }
  {
    name: 'orchestrations-failed'
    severity: 2
    description: 'An orchestration failed. Unfinished clusters are taken up again within a minute; one that fails each time does not come further.'
    query: 'AppMetrics | where Name == "ear.orchestrations" | where tolower(tostring(Properties.state)) == "failed" | project TimeGenerated, Value = Sum, Kind = tostring(Properties.kind)'
    aggregation: 'Total'
    operator: 'GreaterThan'
    threshold: 0
    window: 'PT15M'
    dimensions: [{ name: 'Kind', operator: 'Include', values: ['*'] }]
  }
  {
    name: 'copy-late'
    severity: 2
    description: 'No whole copy of Ear\'s own state was begun in the last two days. See docs/operations/restore.md.'
    query: 'AppMetrics | where Name == "ear.state.export.age" | project TimeGenerated, Value = Min'
    aggregation: 'Minimum'
    operator: 'GreaterThan'
    threshold: 172800
    window: 'PT1H'
    dimensions: []
  }
]

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: '${namePrefix}-operators'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'Ear'
    emailReceivers: [
      for email in emails: {
        name: email
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

resource ofTheApp 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in queries: {
    name: '${namePrefix}-${rule.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'Ear: ${replace(rule.name, '-', ' ')}'
      description: rule.description
      enabled: true
      severity: rule.severity
      scopes: [workspaceId]
      evaluationFrequency: 'PT5M'
      windowSize: rule.window
      autoMitigate: true
      // The table comes with the first measurement.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: rule.aggregation
            metricMeasureColumn: rule.aggregation == 'Count' ? null : 'Value'
            operator: rule.operator
            threshold: rule.threshold
            dimensions: rule.dimensions
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: [people.id] }
    }
  }
]

// The same from outside, in case the app does not get as far as to measure.
resource deadLetters 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: '${namePrefix}-dead-letters-on-the-bus'
  location: 'global'
  tags: tags
  properties: {
    description: 'Service Bus holds messages that no subscriber could take.'
    enabled: true
    severity: 2
    scopes: [serviceBusId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'dead-letters'
          criterionType: 'StaticThresholdCriterion'
          metricNamespace: 'Microsoft.ServiceBus/namespaces'
          metricName: 'DeadletteredMessages'
          operator: 'GreaterThan'
          threshold: 0
          timeAggregation: 'Maximum'
          dimensions: [{ name: 'EntityName', operator: 'Include', values: ['*'] }]
        }
      ]
    }
    actions: [{ actionGroupId: people.id }]
  }
}

resource serverErrors 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: '${namePrefix}-server-errors'
  location: 'global'
  tags: tags
  properties: {
    description: 'The app answers with 5xx.'
    enabled: true
    severity: 2
    scopes: [appId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'server-errors'
          criterionType: 'StaticThresholdCriterion'
          metricNamespace: 'Microsoft.Web/sites'
          metricName: 'Http5xx'
          operator: 'GreaterThan'
          threshold: 20
          timeAggregation: 'Total'
        }
      ]
    }
    actions: [{ actionGroupId: people.id }]
  }
}
