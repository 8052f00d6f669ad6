// Where the app copies Ear's own state to: an account in which it can add blobs, and neither read, change nor delete any. What was added cannot be changed or
// deleted for `days`, as long as the container has its policy: an administrator can take an unlocked one away, and nobody a locked one. Some days later a copy
// goes by itself, and can be recovered for 30 more (docs/decisions/0015).
param name string
param location string
param tags object
param sku string
param containerName string
@minValue(7)
@maxValue(3650)
param days int
@description('The policy of the container was locked by hand: it is left as it is, since Azure takes no change of it but a longer time.')
param policyLocked bool
@description('Keeps the account from being deleted by accident.')
param locked bool
@description('Id (a uuid) of the role that adds blobs.')
param roleName string
@description('Name of the app\'s identity: part of the names of what it is granted.')
param identityName string
param principalId string
param workspaceId string

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: sku }
  kind: 'StorageV2'
  properties: {
    // Written once, read on the day of need.
    accessTier: 'Cool'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    isLocalUserEnabled: false
    minimumTlsVersion: 'TLS1_2'
    publicNetworkAccess: 'Disabled'
    supportsHttpsTrafficOnly: true
    networkAcls: { bypass: 'None', defaultAction: 'Deny' }
    encryption: {
      keySource: 'Microsoft.Storage'
      requireInfrastructureEncryption: true
      services: { blob: { enabled: true, keyType: 'Account' } }
    }
  }

  resource blobs 'blobServices' = {
    name: 'default'
    properties: {
      deleteRetentionPolicy: { enabled: true, days: 30 }
      containerDeleteRetentionPolicy: { enabled: true, days: 30 }
    }

    resource container 'containers' = {
      name: containerName
      properties: { publicAccess: 'None' }

      resource unchangeable 'immutabilityPolicies' = if (!policyLocked) {
        name: 'default'
        properties: {
          immutabilityPeriodSinceCreationInDays: days
          allowProtectedAppendWrites: false
        }
      }
    }
  }

  resource lifecycle 'managementPolicies' = {
    name: 'default'
    properties: {
      policy: {
        rules: [
          {
            name: 'old-copies'
            enabled: true
            type: 'Lifecycle'
            definition: {
              filters: { blobTypes: ['blockBlob'] }
              actions: { baseBlob: { delete: { daysAfterCreationGreaterThan: days + 5 } } }
            }
          }
        ]
      }
    }
    dependsOn: [blobs]
  }
}

resource lock 'Microsoft.Authorization/locks@2020-05-01' = if (locked) {
  scope: account
  name: 'holds-copies-of-ear'
  properties: {
    level: 'CanNotDelete'
    notes: 'Copies of projects, clusters, wrapped keys and the audit trail, for the day on which the account with the state is lost.'
  }
}

resource grant 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: account::blobs::container
  name: guid(account.id, containerName, identityName, roleName)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleName)
  }
}

resource blobLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: account::blobs
  name: 'workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'StorageRead', enabled: true }, { category: 'StorageDelete', enabled: true }]
  }
}

resource accountMetrics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: account
  name: 'workspace'
  properties: {
    workspaceId: workspaceId
    metrics: [{ category: 'Transaction', enabled: true }]
  }
}

output name string = account.name
