// Ear's own vault: the key that wraps the data keys of stored secrets, and secrets of the operator that settings refer to. What customers
// order their clusters on is in vaults of theirs, never here.
import { roles } from 'roles.bicep'

param name string
param location string
param tags object
@allowed(['standard', 'premium'])
@description('premium: the key is kept in a hardware security module.')
param sku string
@description('Some settings refer to this vault.')
param settingsFromHere bool
@description('Name of the app\'s identity: part of the names of what it is granted.')
param identityName string
param principalId string
param workspaceId string

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: sku }
    enableRbacAuthorization: true
    enablePurgeProtection: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    publicNetworkAccess: 'Disabled'
    // Azure Resource Manager makes the key below. No customer's traffic comes this way.
    networkAcls: { bypass: 'AzureServices', defaultAction: 'Deny' }
  }

  // A new version each half year wraps what is written from then on. Old versions go on unwrapping, also past their expiry, as Key Vault
  // refuses an expired version only for wrapping; so none is ever to be disabled or deleted.
  resource key 'keys' = {
    name: 'ear-data'
    tags: tags
    properties: {
      kty: sku == 'premium' ? 'RSA-HSM' : 'RSA'
      keySize: 3072
      keyOps: ['wrapKey', 'unwrapKey']
      attributes: { enabled: true, exportable: false }
      rotationPolicy: {
        attributes: { expiryTime: 'P2Y' }
        lifetimeActions: [
          { trigger: { timeAfterCreate: 'P180D' }, action: { type: 'rotate' } }
          { trigger: { timeBeforeExpiry: 'P30D' }, action: { type: 'notify' } }
        ]
      }
    }
  }
}

// Wrap, unwrap and read that one key: to keep stored secrets.
resource wraps 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault::key
  name: guid(vault::key.id, identityName, roles.keyVaultCryptoServiceEncryptionUser)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.keyVaultCryptoServiceEncryptionUser
    )
  }
}

// Read secrets, where settings refer to some.
resource reads 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (settingsFromHere) {
  scope: vault
  name: guid(vault.id, identityName, roles.keyVaultSecretsUser)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.keyVaultSecretsUser)
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: 'workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'audit', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

output name string = vault.name
output keyIdentifier string = vault::key.properties.keyUri
