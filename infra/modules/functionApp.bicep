// The app itself: a Flex Consumption plan (why: docs/decisions/0008), its code in a container of the host's storage account, and all of
// its settings. Every setting in local.settings.sample.json is set here, with the value there unless this file says otherwise.
import { roles } from 'roles.bicep'
import { setting, settingFromVault } from 'types.bicep'

param name string
param planName string
param location string
param tags object
param zoneRedundant bool
param maximumInstances int
param instanceMemoryMB int
param alwaysReady { name: string, instanceCount: int }[]
@description('Requests that one instance has in hand. Agents hold theirs for up to 50 s, so this and not the processor decides how many instances there are.')
param requestsPerInstance int
param identityId string
param identityClientId string
param identityName string
param principalId string
param appSubnetId string
param hostStorageName string
param deploymentContainer string
param dataStorageName string
@description('Empty: nothing is copied.')
param copiesStorageName string
param serviceBusName string
param topicName string
param keyIdentifier string
param vaultName string
param applicationInsightsName string
param workspaceId string
@description('Durable Functions keep their state in a Durable Task Scheduler, not in the host\'s storage account.')
param usesScheduler bool
param schedulerEndpoint string
param publicBaseUrl string
param smtpHost string
param mailFrom string
param privateLinkResourceGroup string
param privateLinkRegions { name: string, subnetId: string, zoneId: string }[]
param outboundAddress string
@description('Settings of the operator\'s own, over all others.')
param extraSettings setting[]
param settingsFromVault settingFromVault[]

var sample = loadJsonContent('../../local.settings.sample.json', '$.Values')

// The runtime is a property of a Flex app, not a setting; the host's storage is named by identity-based settings below; and Ear's own store
// needs no connection string here.
var onlyLocal = [
  'FUNCTIONS_WORKER_RUNTIME'
  'AzureWebJobsStorage'
  'Ear__Store__ConnectionString'
  'Ear__Copies__ConnectionString'
]
// Their names hold a region, so what the sample shows is only an example.
var examples = ['Ear__ControlPlane__', 'Ear__PrivateLink__Regions__']
var asInTheSample = toObject(
  filter(items(sample), s => !contains(onlyLocal, s.key) && empty(filter(examples, e => startsWith(s.key, e)))),
  s => s.key,
  s => s.value
)

var storageSuffix = environment().suffixes.storage
var identityBased = {
  AzureWebJobsStorage__blobServiceUri: 'https://${hostStorageName}.blob.${storageSuffix}'
  AzureWebJobsStorage__queueServiceUri: 'https://${hostStorageName}.queue.${storageSuffix}'
  AzureWebJobsStorage__tableServiceUri: 'https://${hostStorageName}.table.${storageSuffix}'
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  AzureWebJobsServiceBus__fullyQualifiedNamespace: '${serviceBusName}.servicebus.windows.net'
  AzureWebJobsServiceBus__credential: 'managedidentity'
  AzureWebJobsServiceBus__clientId: identityClientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'Authorization=AAD;ClientId=${identityClientId}'
  // Host and worker decide by the trace's id alone, and so alike; each by itself would keep five traces a second, and half of most.
  OTEL_TRACES_SAMPLER: 'microsoft.fixed_percentage'
  OTEL_TRACES_SAMPLER_ARG: '1'
}
var ownHere = {
  EventsTopic: topicName
  Ear__Http__PublicBaseUrl: empty(publicBaseUrl) ? 'https://${name}.azurewebsites.net' : publicBaseUrl
  Ear__Identity__ClientId: identityClientId
  Ear__Store__Kind: 'AzureTables'
  Ear__Store__TableServiceUri: 'https://${dataStorageName}.table.${storageSuffix}'
  Ear__Store__BlobServiceUri: 'https://${dataStorageName}.blob.${storageSuffix}'
  Ear__Copies__BlobServiceUri: empty(copiesStorageName) ? '' : 'https://${copiesStorageName}.blob.${storageSuffix}'
  Ear__Secrets__KeyIdentifier: keyIdentifier
  Ear__Smtp__Host: smtpHost
  Ear__Smtp__From: mailFrom
  'Ear__ControlPlane__Outbound__azure__${location}': '${outboundAddress}/32'
}

// All of it empty where there is no region: private networking is off then.
var privateLink = {
  Ear__PrivateLink__SubscriptionId: empty(privateLinkRegions) ? '' : subscription().subscriptionId
  Ear__PrivateLink__ResourceGroup: empty(privateLinkRegions) ? '' : privateLinkResourceGroup
  Ear__PrivateLink__ManagementEndpoint: environment().resourceManager
  ...toObject(privateLinkRegions, r => 'Ear__PrivateLink__Regions__${r.name}__SubnetId', r => r.subnetId)
  ...toObject(privateLinkRegions, r => 'Ear__PrivateLink__Regions__${r.name}__DnsZoneId', r => r.zoneId)
}

// Which hub and which backend stands in the package's host.json (infra/hooks/host_json.py): what scales the app reads them there, and nowhere else.
var durable = usesScheduler
  ? {
      DurableTaskScheduler: 'Endpoint=${schedulerEndpoint};Authentication=ManagedIdentity;ClientID=${identityClientId}'
    }
  : {}

var ofTheOperator = toObject(extraSettings, s => s.name, s => s.value)
var fromVault = toObject(
  settingsFromVault,
  s => s.name,
  s => '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=${s.secret})'
)

// Later ones count.
var settings = {
  ...asInTheSample
  ...identityBased
  ...ownHere
  ...privateLink
  ...durable
  ...ofTheOperator
  ...fromVault
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: applicationInsightsName
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
  }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'ear' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: appSubnetId
    functionAppConfig: {
      runtime: { name: 'dotnet-isolated', version: '10.0' }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: 'https://${hostStorageName}.blob.${storageSuffix}/${deploymentContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      scaleAndConcurrency: {
        maximumInstanceCount: maximumInstances
        instanceMemoryMB: instanceMemoryMB
        alwaysReady: alwaysReady
        triggers: { http: { perInstanceConcurrency: requestsPerInstance } }
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      appSettings: map(items(settings), s => { name: s.key, value: s.value })
    }
  }

  // Code is deployed with Entra tokens; the publishing passwords are off.
  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }

  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }
}

// Send telemetry.
resource publishes 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: insights
  name: guid(insights.id, identityName, roles.monitoringMetricsPublisher)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.monitoringMetricsPublisher
    )
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: app
  name: 'workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'FunctionAppLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

output id string = app.id
output name string = app.name
output url string = 'https://${app.properties.defaultHostName}'
