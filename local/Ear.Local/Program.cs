using System.CommandLine;
using Ear;
using Ear.Alerts;
using Ear.Local.Copies;
using Ear.Local.DeadLetters;
using Ear.Local.Demo;
using Ear.Local.Kms;
using Ear.Local.Up;

// The `ear` command: one process that hosts Ear.Functions and everything that it needs on one machine.
var time = TimeProvider.System;

var json = new Option<bool>("--json") { Description = "Print JSON for programs, and nothing else, on standard output." };
var data = new Option<DirectoryInfo>("--data")
{
    Description = "Folder that holds everything; a second start on it goes on.",
    DefaultValueFactory = _ => new(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "ear")),
};
var port = new Option<int>("--port") { Description = "Port of the API; 0: any free one.", DefaultValueFactory = _ => 7071 };
var store = new Option<string?>("--store") { Description = "Where the documents are: sqlite (a file in the folder; the default) or azure-tables." };
store.AcceptOnlyFromAmong(LocalStore.Sqlite, LocalStore.AzureTables);
var storeConnection = new Option<string?>("--store-connection") { Description = "Connection string of the storage account, or of Azurite, for --store azure-tables. Or set Ear__Store__ConnectionString." };
var machines = new Option<string?>("--machines") { Description = "Who starts the nodes: started (Ear, on this machine; the default) or awaited (you, as in Azure: docs/operations/machines.md)." };
machines.AcceptOnlyFromAmong(NodeMachines.Started, NodeMachines.Awaited);
var keep = new Option<bool>("--keep") { Description = "Leave the story's folder for a look." };
var awsPort = new Option<int>("--aws-port") { Description = "Port of the local AWS KMS and STS; 0: any free one.", DefaultValueFactory = _ => 0 };
var azurePort = new Option<int>("--azure-port") { Description = "Port of the local Azure Key Vault and Entra; 0: any free one.", DefaultValueFactory = _ => 0 };
var googlePort = new Option<int>("--google-port") { Description = "Port of the local Google Cloud KMS; 0: any free one.", DefaultValueFactory = _ => 0 };

var up = new Command("up", "Run all of Ear on this machine, to work with.") { port, data, store, storeConnection, machines, json };
up.SetAction((result, cancellation) => UpCommand.RunAsync(
    new(result.GetValue(data)!.FullName, result.GetValue(port), result.GetValue(json), result.GetValue(store), result.GetValue(storeConnection), result.GetValue(machines)), time, cancellation));

var demo = new Command("demo", "Play the whole story on real parts, and check it.") { keep, json };
demo.SetAction((result, cancellation) => DemoCommand.RunAsync(result.GetValue(json), result.GetValue(keep), time, cancellation));

var kms = new Command("kms", "Run the local key management services alone.") { awsPort, azurePort, googlePort, data, json };
kms.SetAction((result, cancellation) => KmsCommand.RunAsync(
    new() { DataDirectory = result.GetValue(data)!.FullName, AwsPort = result.GetValue(awsPort), AzurePort = result.GetValue(azurePort), GooglePort = result.GetValue(googlePort) }, result.GetValue(json), Console.Out, time, cancellation));

var subscription = new Option<string?>("--subscription") { Description = "Only those of this subscription." };
subscription.AcceptOnlyFromAmong([.. EventsTopic.OfTheApp.Select(s => s.Name)]);
var url = new Option<Uri>("--url")
{
    Description = "Address of the ear up that runs on the folder.",
    DefaultValueFactory = _ => new("http://127.0.0.1:7071"),
    CustomParser = argument =>
    {
        if (Uri.TryCreate(argument.Tokens[0].Value, UriKind.Absolute, out var address) && address.Scheme is ("http" or "https"))
            return address;
        argument.AddError($"--url is {argument.Tokens[0].Value}; it must be an address as http://127.0.0.1:7071.");
        return null;
    },
};
var list = new Command("list", "Show them, oldest first.") { data, subscription, json };
list.SetAction((result, _) => DeadLettersCommand.ListAsync(result.GetValue(data)!.FullName, result.GetValue(subscription), result.GetValue(json), Console.Out, Console.Error));
var replay = new Command("replay", "Have them sent again now; each hour it happens by itself.") { data, url, subscription };
replay.SetAction((result, cancellation) => DeadLettersCommand.ReplayAsync(result.GetValue(data)!.FullName, result.GetValue(url)!, result.GetValue(subscription), new SystemIds(time), Console.Out, Console.Error, cancellation));
var deadLetters = new Command("dead-letters", "Events that a subscriber (mail, webhook) could not take after all tries.") { list, replay };

var root = new RootCommand("Ear: encryption at rest with customer-managed keys, for MongoDB clusters that you run yourself.") { up, demo, kms, deadLetters, StateCommand.Make(json, time) };
return await root.Parse(args).InvokeAsync(new() { ProcessTerminationTimeout = TimeSpan.FromSeconds(40) });
