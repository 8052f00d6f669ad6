using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Ear.Infra.Tests.Compiling;

namespace Ear.Infra.Tests;

/// <summary>azure.yaml, the parameters that azd fills in, and what it runs.</summary>
public sealed partial class AzdTests(Scenes scenes)
{
    private static readonly Yaml Azd = Yaml.Of("azure.yaml");

    [Fact]
    public void What_azd_is_told_to_use_is_there()
    {
        Assert.True(File.Exists(Repository.At(Azd["infra"]["path"].Text, $"{Azd["infra"]["module"].Text}.bicep")));
        var hooks = Azd["hooks"].Entries.Concat(Azd["services"]["ear"]["hooks"].Entries).ToList();
        Assert.Equal(["postdeploy", "prepackage", "preprovision"], hooks.Select(h => h.Key).Order(StringComparer.Ordinal));
        foreach (var (_, hook) in hooks)
        {
            Assert.Equal("sh", hook["shell"].Text);
            Assert.True(!OperatingSystem.IsLinux() || File.GetUnixFileMode(Repository.At(hook["run"].Text)).HasFlag(UnixFileMode.UserExecute), $"{hook["run"].Text} cannot be executed.");
        }
    }

    [Fact]
    public void What_azd_packs_is_the_build_for_the_cloud()
    {
        var service = Azd["services"]["ear"];
        var script = Repository.Read(service["hooks"]["prepackage"]["run"].Text);

        Assert.Equal(("function", "custom", "."), (service["host"].Text, service["language"].Text, service["project"].Text));
        Assert.Contains("-p:UseCloudPackages=true", script, StringComparison.Ordinal);
        Assert.Contains($"--output {service["dist"].Text} ", script, StringComparison.Ordinal);
        Assert.True(File.Exists(Repository.At(Published().Match(script).Groups[1].Value, "Ear.Functions.csproj")));
        Assert.Contains("/dist/", Repository.Read(".gitignore").Split('\n'));
    }

    [Fact]
    public async Task Every_parameter_that_azd_fills_in_is_one_of_the_template_with_the_same_default()
    {
        var template = JsonNode.Parse((await scenes.Main).Output)!["parameters"]!.AsObject();
        foreach (var (name, given) in JsonNode.Parse(Repository.Read("infra", "main.parameters.json"))!["parameters"]!.AsObject())
        {
            Assert.True(template.ContainsKey(name), $"main.bicep has no parameter {name}.");
            var variable = Variable().Match(given!["value"]!.GetValue<string>());
            Assert.True(variable.Success, $"{name} is no variable of azd.");
            if (template[name]!["defaultValue"] is { } byDefault)
                Assert.Equal((name, byDefault.ToJsonString().Trim('"')), (name, variable.Groups["default"].Value));
        }
        Assert.Equal(template.Select(p => p.Key).Order(StringComparer.Ordinal), Parameters().Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_variable_is_explained_and_given_by_the_workflow()
    {
        var guide = Repository.Read("docs", "operations", "deploy.md").Split("\n## What can be set")[1].Split("\n## ")[0];
        var given = Yaml.Of(".github", "workflows", "deploy.yml")["jobs"]["deploy"]["env"].Entries.ToDictionary(e => e.Key, e => e.Value.Text);
        foreach (Match variable in Variable().Matches(Repository.Read("infra", "main.parameters.json")))
        {
            var name = variable.Groups["name"].Value;
            Assert.Contains($"`{name}`", guide, StringComparison.Ordinal);
            Assert.Equal($"${{{{ vars.{name} }}}}", given[name]);
        }
    }

    private const string Mail = """{"name":"Ear__Smtp__Host","value":"smtp.example.org"},{"name":"Ear__Smtp__From","value":"Ear <ear@example.org>"}""";

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("EAR_REGIONS", """[{"name":"US_EAST_2","location":"eastus2","addressPrefix":"10.81.0.0/24"}]""", 0)]
    [InlineData("EAR_REGIONS", """[{"name":"US_EAST_2","location":"eastus2","addressPrefix":"10.80.3.0/24"}]""", 1, "overlap")]
    [InlineData("EAR_REGIONS", """[{"name":"US_EAST_2","location":"eastus2"}]""", 1, "addressPrefix")]
    [InlineData("EAR_REGIONS", """[{"name":"eastus2","location":"eastus2","addressPrefix":"10.81.0.0/24"}]""", 1, "no region of Azure as Atlas writes it")]
    [InlineData("EAR_REGIONS", """[{"name":"US_EAST_2","location":"East US 2","addressPrefix":"10.81.0.0/24"}]""", 1, "no region as Azure writes it")]
    [InlineData("EAR_REGIONS", """[{"name":"US_EAST_2","location":"eastus2","addressPrefix":"10.81.0.0/24","dnszone":true}]""", 1, "nothing is called dnszone")]
    [InlineData("EAR_REGIONS", "eastus2", 1, "no JSON")]
    [InlineData("EAR_ADDRESS_PREFIX", "10.80.0.0/24", 1, "take a /22")]
    [InlineData("EAR_SETTINGS", """[{"name":"Ear__Http__BodyLimitBytes","value":"65536"}]""", 0)]
    [InlineData("EAR_SETTINGS", """[{"name":"OTEL_TRACES_SAMPLER","value":"parentbased_traceidratio"},{"name":"OTEL_SERVICE_NAME","value":"ear"}]""", 0)]
    [InlineData("EAR_SETTINGS", """[{"name":"Ear__Http__BodyLimit","value":"65536"}]""", 1, "reads no setting Ear__Http__BodyLimit")]
    [InlineData("EAR_SETTINGS", """[{"name":"Ear__AwsKms__SecretAccessKey","value":"x"}]""", 1, "is a secret")]
    [InlineData("EAR_SETTINGS", """[{"name":"OTEL_EXPORTER_OTLP_HEADERS","value":"api-key=x"}]""", 1, "is a secret")]
    [InlineData("EAR_SETTINGS", """[{"name":"Ear__Store__Prefix","value":"AccountName=x;AccountKey=y"}]""", 1, "is a secret")]
    [InlineData("EAR_SETTINGS", """[{"name":"Ear__Store__Prefix","value":"Ear2"},{"name":"AzureFunctionsJobHost__extensions__durableTask__hubName","value":"EarTasks"}]""", 0)]
    [InlineData("EAR_SETTINGS", """[{"name":"AzureFunctionsJobHost__extensions__durableTask__hubName","value":"Other"}]""", 1, "must be the same")]
    [InlineData("EAR_SETTINGS_FROM_VAULT", """[{"name":"Ear__AwsKms__SecretAccessKey","secret":"aws"},{"name":"Ear__Smtp__Password","secret":"smtp"}]""", 0)]
    [InlineData("EAR_SETTINGS_FROM_VAULT", """[{"name":"Ear__AwsKms__SecretAccessKey","secret":"aws_key"}]""", 1, "no name of a secret")]
    [InlineData("EAR_ALERT_EMAILS", "\"a@b.example\"", 1, "no list")]
    [InlineData("EAR_ALERT_EMAILS", """["operators"]""", 1, "no mail address")]
    [InlineData("EAR_TAGS", """{"owner":"platform"}""", 1, "no list")]
    [InlineData("EAR_TAGS", """[{"name":"system","value":"other"}]""", 1, "Ear's own")]
    [InlineData("AZURE_LOCATION", "", 1, "AZURE_LOCATION is not set")]
    [InlineData("EAR_SMTP_HOST", "", 1, "does not start without one")]
    [InlineData("EAR_MAIL_FROM", "", 1, "does not start without one")]
    public async Task Wrong_parameters_are_found_before_anything_is_made(string variable, string value, int code, string said = "")
    {
        var result = await CheckAsync((variable, value));

        Assert.True(result.Code == code, result.Error);
        Assert.Contains(said, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_setting_has_one_value()
    {
        var result = await CheckAsync(("EAR_SETTINGS", """[{"name":"Ear__Smtp__User","value":"ear"}]"""), ("EAR_SETTINGS_FROM_VAULT", """[{"name":"Ear__Smtp__User","secret":"smtp-user"}]"""));

        Assert.Contains("Ear__Smtp__User is in EAR_SETTINGS and in EAR_SETTINGS_FROM_VAULT", result.Error, StringComparison.Ordinal);
    }

    /// <summary>The template's own limits are only met half-way through a deployment. So each variable is tried at both ends of its range, beyond both, and with nonsense.</summary>
    [Fact]
    public async Task The_check_takes_what_the_template_takes_and_refuses_what_it_refuses()
    {
        var template = JsonNode.Parse((await scenes.Main).Output)!["parameters"]!;
        var (taken, refused) = (new List<Dictionary<string, string>>(), new List<Dictionary<string, string>>());
        foreach (var (parameter, variable) in Parameters())
        {
            var (good, bad) = Tries(template[parameter]!);
            Add(taken, variable, good);
            Add(refused, variable, bad);
        }

        foreach (var variables in taken)
        {
            var result = await CheckAsync([.. variables.Select(v => (v.Key, v.Value))]);
            Assert.True(result.Code == 0, result.Error);
        }
        foreach (var variables in refused)
        {
            var result = await CheckAsync([.. variables.Select(v => (v.Key, v.Value))]);
            Assert.All(variables, v => Assert.True(result.Error.Split('\n').Any(l => l.StartsWith($"{v.Key} ", StringComparison.Ordinal)), $"{v.Key} = {v.Value} was taken: {result.Error}"));
        }
        Assert.Superset(new HashSet<string>(Parameters().Values, StringComparer.Ordinal), refused.SelectMany(r => r.Keys).ToHashSet(StringComparer.Ordinal));

        static void Add(List<Dictionary<string, string>> runs, string variable, IReadOnlyList<string> values)
        {
            while (runs.Count < values.Count)
                runs.Add(new(StringComparer.Ordinal));
            foreach (var (run, value) in runs.Zip(values))
                run[variable] = value;
        }
    }

    private static (IReadOnlyList<string> Good, IReadOnlyList<string> Bad) Tries(JsonNode parameter)
    {
        if (parameter["allowedValues"] is { } allowed)
            return ([.. allowed.AsArray().Select(a => a!.ToString())], ["maybe"]);
        int? least = parameter["minValue"]?.GetValue<int>(), most = parameter["maxValue"]?.GetValue<int>();
        return parameter["type"]!.GetValue<string>() switch
        {
            "bool" => (["true", "false"], ["maybe"]),
            "int" => ([$"{least}", $"{most}"], [$"{least - 1}", $"{most + 1}", "many"]),
            "array" => ([], ["maybe"]),
            // What kind of text, the template does not know; no variable may hold this one.
            _ => ([], ["<none of them>"]),
        };
    }

    /// <summary>What the template sets from what it makes is not for a list of settings: that would lead the app past it.</summary>
    [Fact]
    public async Task A_setting_of_the_templates_own_is_not_overridden()
    {
        var sample = JsonNode.Parse(Repository.Read("local.settings.sample.json"))!["Values"]!.AsObject();
        var own = (await scenes.AllAsync()).SelectMany(d => d.Settings)
            .Where(s => sample[s.Key]?.GetValue<string>() != s.Value && !s.Key.StartsWith("Ear__ControlPlane__", StringComparison.Ordinal) && !s.Value.StartsWith("@Microsoft.KeyVault", StringComparison.Ordinal))
            .Select(s => s.Key).Distinct(StringComparer.Ordinal)
            // Asked for by the scenes, what a restore into another Ear may need, and how much is sampled, which is the operator's to choose.
            .Except(["Ear__Http__RequestsPerSecond", "Ear__Secrets__KeyIdentifier", "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG"]).ToList();

        var result = await CheckAsync(("EAR_SETTINGS", $"[{string.Join(',', own.Append("AzureWebJobsStorage").Select(name => $$"""{"name":"{{name}}","value":"x"}"""))}]"));

        Assert.True(own.Count > 15);
        Assert.All(own, name => Assert.Contains($"{name} is not to be set here", result.Error, StringComparison.Ordinal));
    }

    /// <summary>Azure registers the providers of a deployment's resources; that of a delegated subnet has none.</summary>
    [Theory]
    [InlineData("Microsoft.Insights\nmicrosoft.app\nMicrosoft.KeyVault\nMicrosoft.ManagedIdentity\nMicrosoft.Network\nMicrosoft.OperationalInsights\nMicrosoft.ServiceBus\nMicrosoft.Storage\nMicrosoft.Web\nMicrosoft.DurableTask", 0, "")]
    [InlineData("Microsoft.Insights\nMicrosoft.AppConfiguration\nMicrosoft.KeyVault\nMicrosoft.ManagedIdentity\nMicrosoft.Network\nMicrosoft.OperationalInsights\nMicrosoft.ServiceBus\nMicrosoft.Storage\nMicrosoft.Web\nMicrosoft.DurableTask", 0, "az provider register --wait --namespace Microsoft.App")]
    [InlineData("", 1, "Nobody is signed in")]
    public async Task A_provider_that_the_subscription_does_not_know_is_named(string registered, int code, string said)
    {
        using var programs = new Programs(("az", $"printf '{registered.Replace("\n", "\\n", StringComparison.Ordinal)}\\n'; exit {code}"));

        var result = await CheckAsync(("PATH", programs.Path), ("EAR_DURABLE_BACKEND", "DurableTaskScheduler"), ("AZURE_SUBSCRIPTION_ID", "s"));

        Assert.Equal(0, result.Code);
        Assert.Contains(said, result.Error, StringComparison.Ordinal);
        Assert.True(said.Length > 0 || result.Error.Length == 0, result.Error);
    }

    [Fact]
    public async Task Every_provider_of_the_template_is_looked_for()
    {
        var used = (await scenes.Everything).Resources.Select(r => r.Type.Split('/')[0])
            // These two are in every subscription.
            .Except(["Microsoft.Resources", "Microsoft.Authorization"]).Append("Microsoft.App");

        var lookedFor = Repository.Read("infra", "hooks", "preprovision.sh").Split('\n').Where(l => l.Contains("providers=", StringComparison.Ordinal)).SelectMany(l => Provider().Matches(l.Split("providers=")[1])).Select(m => m.Value);

        Assert.Equal(used.Distinct().Order(StringComparer.Ordinal), lookedFor.Order(StringComparer.Ordinal));
    }

    /// <summary>Variables of a deployment for which nothing was chosen, and these.</summary>
    private static Task<Said> CheckAsync(params (string Name, string Value)[] variables)
    {
        var all = new Dictionary<string, string>
        {
            ["AZURE_ENV_NAME"] = "orders",
            ["AZURE_LOCATION"] = "northeurope",
            ["EAR_SMTP_HOST"] = "smtp.example.org",
            ["EAR_MAIL_FROM"] = "Ear <ear@example.org>",
        };
        foreach (var (name, value) in variables.Where(v => v.Name.Length > 0))
            all[name] = value;
        return Script.RunAsync("infra/hooks/preprovision.sh", all);
    }

    /// <summary>By the template's parameter, the variable that gives its value.</summary>
    private static Dictionary<string, string> Parameters()
        => JsonNode.Parse(Repository.Read("infra", "main.parameters.json"))!["parameters"]!.AsObject()
            .ToDictionary(p => p.Key, p => Variable().Match(p.Value!["value"]!.GetValue<string>()).Groups["name"].Value, StringComparer.Ordinal);

    /// <summary>A first start fetches the package; a second one would have been there long ago.</summary>
    [Fact]
    public async Task An_app_that_never_answers_is_given_up_after_ten_minutes()
    {
        // A clock of its own: a try takes 20 s, a sleep what it says.
        using var programs = new Programs(
            ("date", "cat \"$EAR_CLOCK\""),
            ("sleep", "echo $(($(cat \"$EAR_CLOCK\") + $1)) > \"$EAR_CLOCK\""),
            ("curl", "echo $(($(cat \"$EAR_CLOCK\") + 20)) > \"$EAR_CLOCK\"; printf 000; exit 28"));
        var clock = Path.Combine(programs.Folder, "clock");
        await File.WriteAllTextAsync(clock, "1000\n", TestContext.Current.CancellationToken);

        var said = await Script.RunAsync("infra/hooks/postdeploy.sh", new Dictionary<string, string>
        {
            ["PATH"] = programs.Path,
            ["EAR_CLOCK"] = clock,
            ["EAR_URL"] = "https://ear.example.net",
            ["EAR_APP_NAME"] = "ear-orders",
            ["AZURE_RESOURCE_GROUP"] = "rg-orders",
        });

        Assert.Equal(1, said.Code);
        Assert.Contains("after ten minutes", said.Error, StringComparison.Ordinal);
        Assert.InRange(int.Parse(await File.ReadAllTextAsync(clock, TestContext.Current.CancellationToken), CultureInfo.InvariantCulture) - 1000, 560, 600);
    }

    /// <summary>What it prints is run by a person; so it is run here, up to the programs that would reach Azure.</summary>
    [Fact]
    public async Task After_a_deployment_the_command_of_the_first_access_is_printed_and_not_run()
    {
        using var programs = new Programs(
            ("az", """echo "$*" >> "$0.called"; echo MASTER"""),
            ("curl", """
                echo "$*" >> "$0.called"
                case "$*" in
                  *--header\ @-*) cat; echo "$*" ;;
                  *openapi.json*) printf 200 ;;
                  *) printf 401 ;;
                esac
                """));
        var variables = new Dictionary<string, string>
        {
            ["PATH"] = programs.Path,
            ["EAR_URL"] = "https://ear.example.net",
            ["EAR_APP_NAME"] = "func-ear-orders",
            ["AZURE_RESOURCE_GROUP"] = "rg-orders",
        };

        var said = await Script.RunAsync("infra/hooks/postdeploy.sh", variables);

        Assert.True(said.Code == 0, said.Error);
        Assert.False(File.Exists(Path.Combine(programs.Folder, "az.called")), "The keys were read.");
        Assert.DoesNotContain("firstAccess", await File.ReadAllTextAsync(Path.Combine(programs.Folder, "curl.called"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var command = Path.Combine(programs.Folder, "command.sh");
        await File.WriteAllTextAsync(command, said.Output[said.Output.IndexOf("  az ", StringComparison.Ordinal)..], TestContext.Current.CancellationToken);
        var run = await Script.RunAsync(command, variables);
        Assert.True(run.Code == 0, run.Error);
        Assert.StartsWith("x-functions-key: MASTER\n", run.Output, StringComparison.Ordinal);
        Assert.EndsWith("""--data {"ownerEmails":["YOU@EXAMPLE.ORG"]} https://ear.example.net/api/operator/v1/firstAccess""" + "\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("--resource-group rg-orders --name func-ear-orders", await File.ReadAllTextAsync(Path.Combine(programs.Folder, "az.called"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_shell_understands_the_hooks()
    {
        foreach (var script in Directory.EnumerateFiles(Repository.At("infra", "hooks"), "*.sh"))
        {
            var said = await Script.ParseAsync(script);
            Assert.Equal((0, ""), (said.Code, said.Error));
        }
    }

    [GeneratedRegex(@"Microsoft\.\w+")]
    private static partial Regex Provider();

    [GeneratedRegex(@"dotnet publish (\S+)")]
    private static partial Regex Published();

    [GeneratedRegex(@"\$\{(?<name>[A-Z_]+)(=(?<default>[^}]*))?\}")]
    private static partial Regex Variable();
}
