// The app may make private endpoints in this resource group, in which nothing else lies.
param makerRoleName string
@description('Name of the app\'s identity: part of the names of what it is granted.')
param identityName string
param principalId string

resource makes 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, identityName, makerRoleName)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', makerRoleName)
  }
}
