// The managed backend of Durable Functions, in place of queues and tables of a storage account.
import { roles } from 'roles.bicep'

param name string
param location string
param tags object
param taskHubName string
@allowed(['Consumption', 'Dedicated'])
param sku string
@description('The only address it can be called from.')
param clientAddress string
@description('Name of the app\'s identity: part of the names of what it is granted.')
param identityName string
param principalId string

resource scheduler 'Microsoft.DurableTask/schedulers@2025-11-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    ipAllowlist: ['${clientAddress}/32']
    sku: sku == 'Dedicated' ? { name: 'Dedicated', capacity: 1 } : { name: 'Consumption' }
  }

  resource hub 'taskHubs' = {
    name: taskHubName
    properties: {}
  }
}

// Run orchestrations in that hub.
resource runs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: scheduler::hub
  name: guid(scheduler::hub.id, identityName, roles.durableTaskDataContributor)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.durableTaskDataContributor
    )
  }
}

output endpoint string = scheduler.properties.endpoint
