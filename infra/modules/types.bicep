@export()
@description('A region in which customers can have a private endpoint to their key vault.')
type region = {
  @description('As Atlas writes it: EUROPE_NORTH.')
  name: string
  @description('As Azure writes it: northeurope.')
  location: string
  @description('Addresses of Ear\'s network there, as 10.81.0.0/24. Must not overlap with any other network of this Ear.')
  addressPrefix: string
  @description('Also make a zone privatelink.vaultcore.azure.net for that network. Ear needs none (docs/decisions/0010).')
  dnsZone: bool?
}
