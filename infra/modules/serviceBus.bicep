// The topic that carries the projects' events, and who hears which. What is written here about sessions and names must be what the
// app's triggers say; tests/Ear.Infra.Tests compares them.
import { roles } from 'roles.bicep'

param name string
param location string
param tags object
@allowed(['Premium', 'Standard'])
@description('Premium has private endpoints; Standard is reached over the public network, with Entra tokens.')
param sku string
param topicName string
@description('Object id of who reads every event for a SIEM; empty: there is no subscription audit, since nobody would empty it.')
param auditReaderPrincipalId string
@description('Name of the app\'s identity: part of the names of what it is granted.')
param identityName string
param principalId string
param workspaceId string

var isPrivate = sku == 'Premium'

// Only what can open an alert is told (EventsTopic.Mail and Webhook). A type that is missing here is never told, so a test compares them.
var told = [
  'ENCRYPTION_AT_REST_KMS_NETWORK_ACCESS_DENIED'
  'ENCRYPTION_AT_REST_CONFIG_NO_LONGER_VALID'
  'AWS_ENCRYPTION_KEY_INVALID'
  'AZURE_ENCRYPTION_KEY_INVALID'
  'GCP_ENCRYPTION_KEY_INVALID'
  'AWS_ENCRYPTION_KEY_NEEDS_ROTATION'
  'AZURE_ENCRYPTION_KEY_NEEDS_ROTATION'
  'GCP_ENCRYPTION_KEY_NEEDS_ROTATION'
]

var mailRule = 'user.type IN (\'${join(told, '\', \'')}\')'
// Webhooks hear of who takes an alert on, too.
var toldToWebhooks = concat(told, ['ALERT_ACKNOWLEDGED_AUDIT'])
var webhookRule = 'user.type IN (\'${join(toldToWebhooks, '\', \'')}\')'

// requiresSession: a session is a project (EventMessage), and its events come one after another, in their order.
var always = [
  { name: 'mail', requiresSession: true, rule: mailRule }
  { name: 'webhook', requiresSession: true, rule: webhookRule }
]
var whereAsked = empty(auditReaderPrincipalId) ? [] : [{ name: 'audit', requiresSession: true, rule: '1=1' }]
var subscriptionsOfTopic = concat(always, whereAsked)

resource bus 'Microsoft.ServiceBus/namespaces@2024-01-01' = {
  name: name
  location: location
  tags: tags
  sku: isPrivate ? { name: 'Premium', tier: 'Premium', capacity: 1 } : { name: 'Standard', tier: 'Standard' }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
  }

  resource topic 'topics' = {
    name: topicName
    properties: {
      // An event keeps its id when it is sent again after a lost answer; an hour is far longer than the outbox tries (30 s apart).
      // A dead letter waits for its end before it is sent again: EventsTopic.DuplicateWindow is the same.
      requiresDuplicateDetection: true
      duplicateDetectionHistoryTimeWindow: 'PT1H'
      supportOrdering: true
      defaultMessageTimeToLive: 'P14D'
      maxSizeInMegabytes: 5120
    }

    resource subscription 'subscriptions' = [
      for subscription in subscriptionsOfTopic: {
        name: subscription.name
        properties: {
          requiresSession: subscription.requiresSession
          lockDuration: 'PT1M'
          maxDeliveryCount: 10
          deadLetteringOnMessageExpiration: true
          deadLetteringOnFilterEvaluationExceptions: true
        }
      }
    ]
  }
}

// The rule that Service Bus makes by itself, replaced: a second rule beside it would let everything through.
resource rules 'Microsoft.ServiceBus/namespaces/topics/subscriptions/rules@2024-01-01' = [
  for (subscription, i) in subscriptionsOfTopic: {
    parent: bus::topic::subscription[i]
    name: '$Default'
    properties: {
      filterType: 'SqlFilter'
      sqlFilter: { sqlExpression: subscription.rule }
    }
  }
]

// The outbox is announced on the topic.
resource sends 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: bus::topic
  name: guid(bus::topic.id, identityName, roles.serviceBusDataSender)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.serviceBusDataSender)
  }
}

// Its triggers read the subscriptions, and look into what they left behind. The roles are on the subscriptions: the app cannot read audit.
resource receives 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (subscription, i) in subscriptionsOfTopic: {
    scope: bus::topic::subscription[i]
    name: guid(
      bus::topic::subscription[i].id,
      subscription.name == 'audit' ? auditReaderPrincipalId : identityName,
      roles.serviceBusDataReceiver
    )
    properties: {
      principalId: subscription.name == 'audit' ? auditReaderPrincipalId : principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.serviceBusDataReceiver)
    }
  }
]

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: bus
  name: 'workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'OperationalLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

output name string = bus.name
output id string = bus.id
