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

@export()
@description('A setting of the app, by its name in local.settings.sample.json. Its value can be read by everybody who may see the app: no secrets.')
type setting = {
  name: string
  value: string
}

@export()
@description('A setting whose value is a secret in Ear\'s own vault.')
type settingFromVault = {
  name: string
  @description('Name of the secret.')
  secret: string
}

@export()
@description('A tag; more of them as one list, since azd passes lists.')
type tag = {
  name: string
  value: string
}
