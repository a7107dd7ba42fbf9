package dev.vmext.systemtests.vm;

import org.junit.platform.suite.api.ConfigurationParameter;
import org.junit.platform.suite.api.ExcludeTags;
import org.junit.platform.suite.api.IncludeClassNamePatterns;
import org.junit.platform.suite.api.SelectPackages;
import org.junit.platform.suite.api.Suite;

/**
 * The stories of this package but the {@code long} ones ({@link AllStoriesIT}) on one machine, one after the other in the order of their {@code @Order}. One class for the build, because
 * classes of their own would be spread over several processes and each would boot a machine. A single story can be run by its name and
 * boots one for itself.
 */
@Suite
@SelectPackages("dev.vmext.systemtests.vm")
@IncludeClassNamePatterns(".*StoryIT")
@ExcludeTags("long")
@ConfigurationParameter(
        key = "junit.jupiter.testclass.order.default",
        value = "org.junit.jupiter.api.ClassOrderer$OrderAnnotation")
class VirtualMachineIT {}
