package dev.vmext.bench.footprint;

/** The documents of the goal-state protocol that waagent needs to install one handler (azure-contract 2.3 to 2.6). */
final class GoalDocuments {
    static final String WIRE = "http://168.63.129.16:80";
    static final String HANDLER = "Vmext.Bench.Stopwatch";
    static final String VERSION = "1.0.0.0";

    static final String VERSIONS =
            "<Versions><Preferred><Version>2015-04-05</Version></Preferred><Supported><Version>2015-04-05</Version>"
                    + "<Version>2012-11-30</Version></Supported></Versions>";
    static final String HOSTING = "<HostingEnvironmentConfig version=\"1.0.0.0\" goalStateIncarnation=\"1\">"
            + "<Deployment name=\"bench\"/><Incarnation number=\"1\" instance=\"vm1\"/><Role name=\"vm1\"/>"
            + "</HostingEnvironmentConfig>";
    static final String SHARED = "<SharedConfig version=\"1.0.0.0\"/>";
    static final String PACKAGES =
            "<PluginVersionManifest><Plugins><Plugin><Version>" + VERSION + "</Version><Uris><Uri>" + WIRE
                    + "/package.zip</Uri></Uris></Plugin></Plugins><InternalPlugins/></PluginVersionManifest>";
    static final String METADATA =
            "{\"location\":\"local\",\"name\":\"vm1\",\"resourceGroupName\":\"rg\",\"subscriptionId\":\"s\",\"vmId\":\"v\",\"vmSize\":\"n\",\"osType\":\"Linux\"}";

    private GoalDocuments() {}

    /**
     * What the machine should have.
     *
     * @param state enabled or uninstall; empty when the machine should have nothing
     * @param sequence of the settings
     * @param file where the handler writes its times, as the machine sees it
     */
    record Wish(int incarnation, String state, int sequence, String file) {
        Wish next(String newState, int newSequence, String newFile) {
            return new Wish(incarnation + 1, newState, newSequence, newFile);
        }
    }

    static String goalState(Wish wish) {
        return "<GoalState><Version>2012-11-30</Version><Incarnation>" + wish.incarnation()
                + "</Incarnation><Machine><ExpectedState>Started</ExpectedState></Machine><Container><ContainerId>c1"
                + "</ContainerId><RoleInstanceList><RoleInstance><InstanceId>vm1</InstanceId><State>Started</State>"
                + "<Configuration><HostingEnvironmentConfig>" + WIRE
                + "/hosting</HostingEnvironmentConfig><SharedConfig>"
                + WIRE + "/shared</SharedConfig><ExtensionsConfig>" + WIRE + "/extensions</ExtensionsConfig>"
                + "<ConfigName>bench.1.xml</ConfigName></Configuration></RoleInstance></RoleInstanceList></Container>"
                + "</GoalState>";
    }

    static String extensions(Wish wish) {
        String plugin = "<Plugin name=\"" + HANDLER + "\" version=\"" + VERSION + "\"";
        String plugins = wish.state().isEmpty()
                ? ""
                : "<Plugins>" + plugin + " location=\"" + WIRE + "/manifest.xml\" failoverlocation=\"\" state=\""
                        + wish.state() + "\" autoUpgrade=\"false\" runAsStartupTask=\"false\" isJson=\"true\""
                        + " useExactVersion=\"true\"/></Plugins><PluginSettings>" + plugin
                        + "><RuntimeSettings seqNo=\"" + wish.sequence()
                        + "\">{\"runtimeSettings\":[{\"handlerSettings\":{\"publicSettings\":{\"file\": \""
                        + wish.file() + "\"}}}]}</RuntimeSettings></Plugin></PluginSettings>";
        return "<Extensions version=\"1.0.0.0\" goalStateIncarnation=\"" + wish.incarnation()
                + "\"><GuestAgentExtension><GAFamilies/></GuestAgentExtension>" + plugins + "<StatusUploadBlob"
                + " statusBlobType=\"BlockBlob\">" + WIRE + "/status</StatusUploadBlob></Extensions>";
    }
}
