using YamlDotNet.RepresentationModel;

namespace Ear.Infra.Tests;

/// <summary>A YAML file, read by path.</summary>
internal sealed class Yaml(YamlNode node)
{
    public static Yaml Of(params ReadOnlySpan<string> parts)
    {
        var stream = new YamlStream();
        using var reader = new StringReader(Repository.Read(parts));
        stream.Load(reader);
        return new(stream.Documents.Single().RootNode);
    }

    /// <summary>Fails the test where there is no such thing.</summary>
    public Yaml this[string key] => Find(key) ?? throw new InvalidOperationException($"There is no {key} at line {node.Start.Line}.");

    public string Text => ((YamlScalarNode)node).Value ?? "";

    public IEnumerable<Yaml> Items => ((YamlSequenceNode)node).Children.Select(c => new Yaml(c));

    public IEnumerable<(string Key, Yaml Value)> Entries => ((YamlMappingNode)node).Children.Select(c => (((YamlScalarNode)c.Key).Value!, new Yaml(c.Value)));

    public Yaml? Find(string key) => node is YamlMappingNode map && map.Children.TryGetValue(new YamlScalarNode(key), out var value) ? new(value) : null;
}
